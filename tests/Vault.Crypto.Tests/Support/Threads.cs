using System.Collections.Concurrent;

namespace Vault.Crypto.Tests;

/// <summary>Runs a body on several threads at once and reports what any of them threw.</summary>
internal static class Threads
{
    public static void Run(int count, Action<int> body)
    {
        ConcurrentQueue<Exception> thrown = new();
        using Barrier start = new(count);
        Thread[] threads = [.. Enumerable.Range(0, count).Select(i => new Thread(() =>
        {
            try
            {
                start.SignalAndWait();
                body(i);
            }
            catch (Exception e)
            {
                thrown.Enqueue(e);
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            Assert.True(thread.Join(TimeSpan.FromSeconds(60)), "a thread hangs");
        if (!thrown.IsEmpty)
            throw new AggregateException(thrown);
    }
}
