using System.Diagnostics;

namespace Vault.Storage.Tests;

/// <summary>
/// Runs tasks at once, a thread each, until the time is over or one of them fails. A thread that does not come back from
/// a step is a failure that says what every thread was at, never a hang.
/// </summary>
internal sealed class StressThreads(VaultFileSystem fileSystem, int seed, TimeSpan duration)
{
    /// <summary>
    /// Rounds of the watching thread, of 10 ms or more, in which a step must end. Not a time: on a machine that is busy
    /// with other things a round takes longer too.
    /// </summary>
    private const int MaxRoundsOfAStep = 12_000;

    private const int RoundMs = 10;

    private readonly List<(StressTask Task, Thread Thread)> _threads = [];
    private readonly Stopwatch _clock = new();
    private Exception? _failure;

    /// <summary>Whether threads did not come back: the file system cannot even be closed then.</summary>
    public bool IsStuck { get; private set; }

    public bool IsOver => Volatile.Read(ref _failure) is not null || _clock.Elapsed > duration;

    public void Add(StressTask task)
    {
        Random random = new(unchecked((seed * 1009) + _threads.Count));
        _threads.Add((task, new Thread(() => Loop(task, random)) { IsBackground = true, Name = $"stress-{_threads.Count}" }));
    }

    /// <summary>Starts all, watches them, and returns when all have ended.</summary>
    /// <param name="meanwhile">Is called again and again by the caller's thread, if given.</param>
    public void Run(Action? meanwhile = null)
    {
        _clock.Start();
        foreach ((_, Thread thread) in _threads)
            thread.Start();
        Dictionary<StressTask, (long Steps, int Rounds)> seen = [];
        while (_threads.Exists(t => t.Thread.IsAlive))
        {
            if (!IsOver && meanwhile is not null)
                Catch(meanwhile);
            Thread.Sleep(RoundMs);
            foreach ((StressTask task, _) in _threads.Where(t => t.Thread.IsAlive))
            {
                (long steps, int rounds) = seen.GetValueOrDefault(task);
                seen[task] = (task.Steps, steps == task.Steps ? rounds + 1 : 0);
                if (rounds > MaxRoundsOfAStep)
                    throw Stuck();
            }
        }

        if (_failure is not null)
            throw new InvalidOperationException($"Repeat it: tests/stress.sh --seed {seed} --seconds {(int)duration.TotalSeconds}", _failure);
    }

    /// <summary>Waits for what a thread's step brings about.</summary>
    /// <returns>False: the thread has failed, or does not come back.</returns>
    public bool WaitFor(Func<bool> condition)
    {
        int rounds = 0;
        while (!condition() && Volatile.Read(ref _failure) is null && rounds++ < MaxRoundsOfAStep)
            Thread.Sleep(RoundMs);
        return condition();
    }

    private void Loop(StressTask task, Random random)
    {
        while (!IsOver)
            Catch(() => task.Step(random));
    }

    private void Catch(Action action)
    {
#pragma warning disable CA1031 // Whatever went wrong in a thread is the test's failure.
        try
        {
            action();
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, e, null);
        }
#pragma warning restore CA1031
    }

    private InvalidOperationException Stuck()
    {
        IsStuck = true;
        Volume volume = PrivateState.Field<Volume>(fileSystem, "_volume");
        IEnumerable<string> lines = _threads.Where(t => t.Thread.IsAlive).Select(t => $"{t.Task.GetType().Name}: {t.Task.Doing}, {t.Thread.ThreadState}");
        return new InvalidOperationException(
            $"Threads do not come back (seed {seed}). Gate: {Describe(volume.Gate)}. Tree: {Describe(volume.Tree.Lock)}.\n{string.Join('\n', lines)}", _failure);
    }

    private static string Describe(ReaderWriterLockSlim rw) =>
        $"{rw.CurrentReadCount} hold it shared, {rw.WaitingReadCount} wait to share it, {rw.WaitingWriteCount} to have it alone";
}
