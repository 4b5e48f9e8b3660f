namespace Vault.Compare.Work;

/// <summary>Threads that are started beforehand and do their parts at once.</summary>
internal sealed class ThreadTeam
{
    private readonly ManualResetEventSlim _go = new(false, spinCount: 0);
    private readonly Thread[] _threads;
    private Exception? _failure;

    /// <param name="size">How many.</param>
    /// <param name="body">Gets the thread's number, from zero.</param>
    public ThreadTeam(int size, Action<int> body)
    {
        _threads = new Thread[size];
        for (int index = 0; index < size; index++)
        {
            int number = index;
            _threads[index] = new Thread(() => Work(number, body)) { IsBackground = true };
            _threads[index].Start();
        }
    }

    public void Run()
    {
        _go.Set();
        foreach (Thread thread in _threads)
            thread.Join();
        if (_failure is not null)
            throw new IOException(_failure.Message, _failure);
    }

    private void Work(int number, Action<int> body)
    {
        _go.Wait();
        try
        {
            body(number);
        }
#pragma warning disable CA1031 // Whatever it is, Run throws it on.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _ = Interlocked.CompareExchange(ref _failure, failure, null);
        }
    }
}
