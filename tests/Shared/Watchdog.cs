using System.Diagnostics;

namespace Vault.Testing;

/// <summary>Runs numbered attempts on threads of their own, so that one that hangs is a failure with a name and not a test run without an end.</summary>
internal static class Watchdog
{
    /// <summary>Far above what any attempt takes on a loaded machine.</summary>
    private static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(60);

    /// <summary>Makes attempts 0 to <paramref name="count"/>, exclusive.</summary>
    /// <param name="count">How many.</param>
    /// <param name="jobs">Threads.</param>
    /// <param name="attempt">Is given the number; what it throws is thrown here, with the attempt's description.</param>
    /// <param name="describe">Names an attempt so that it can be repeated.</param>
    public static void Run(long count, int jobs, Action<long> attempt, Func<long, string> describe) => RunWhile(jobs, n =>
    {
        if (n >= count)
            return false;
        attempt(n);
        return true;
    }, describe);

    /// <summary>Makes attempts until one returns false in each thread.</summary>
    public static void RunWhile(int jobs, Func<long, bool> attempt, Func<long, string> describe)
    {
        Worker[] workers = [.. Enumerable.Range(0, jobs).Select(_ => new Worker())];
        long next = -1;
        bool isStopping = false;
        foreach (Worker worker in workers)
        {
            worker.Thread = new Thread(() =>
            {
                while (!Volatile.Read(ref isStopping))
                {
                    long number = Interlocked.Increment(ref next);
                    worker.Begin(number);
                    try
                    {
                        if (!attempt(number))
                            break;
                    }
#pragma warning disable CA1031 // Whatever an attempt throws is the result.
                    catch (Exception e)
#pragma warning restore CA1031
                    {
                        worker.Error = e;
                        Volatile.Write(ref isStopping, true);
                    }
                }
            }) { IsBackground = true };
            worker.Thread.Start();
        }

        foreach (Worker worker in workers)
        {
            while (!worker.Thread!.Join(TimeSpan.FromSeconds(1)))
            {
                if (workers.FirstOrDefault(w => w.Thread!.IsAlive && w.Elapsed > HangLimit) is not { } hanging)
                    continue;
                Volatile.Write(ref isStopping, true);
                throw new TimeoutException($"{describe(hanging.Number)} does not come to an end.");
            }
        }

        if (workers.FirstOrDefault(w => w.Error is not null) is { } failed)
            throw new AttemptException(describe(failed.Number), failed.Error!);
    }

    private sealed class Worker
    {
        private long _number;
        private long _started;

        public Thread? Thread { get; set; }

        public Exception? Error { get; set; }

        public long Number => Volatile.Read(ref _number);

        public TimeSpan Elapsed => Stopwatch.GetElapsedTime(Volatile.Read(ref _started));

        public void Begin(long number)
        {
            Volatile.Write(ref _number, number);
            Volatile.Write(ref _started, Stopwatch.GetTimestamp());
        }
    }
}

/// <summary>An attempt failed; the message names it.</summary>
internal sealed class AttemptException(string attempt, Exception reason) : Exception($"{attempt}: {reason.Message}", reason);
