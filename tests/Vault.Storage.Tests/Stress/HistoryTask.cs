namespace Vault.Storage.Tests;

/// <summary>
/// A tree that only this thread works on, with a record of all its states: after a crash the tree must be one of those
/// between the last that some thread saw synced and the last that was begun.
/// </summary>
internal sealed class HistoryTask : StressTask
{
    private static long _clock;

    private readonly RandomWorkload _workload;
    private readonly IReadOnlyList<HistoryTask> _all;
    private readonly Dictionary<long, State> _states = [];
    private readonly Lock _lock = new();
    private long _begun;
    private long _ended;
    private long _durable;

    /// <param name="fileSystem">Where the tree is made.</param>
    /// <param name="seed">Of the choices.</param>
    /// <param name="all">The tasks whose work a sync covers.</param>
    public HistoryTask(VaultFileSystem fileSystem, int seed, IReadOnlyList<HistoryTask> all)
        : base(fileSystem)
    {
        Directory = fileSystem.CreateDirectory($"private{seed}");
        _workload = new RandomWorkload(seed, 25_000, Directory, copiesRanges: false); // each change is whole or not there
        _all = all;
        _states[0] = new State(_workload.Model.Dump(), 0, 0);
    }

    /// <summary>One state of the tree: what it holds, and the interval in which the change that led to it was made.</summary>
    public readonly record struct State(string Content, long BegunAt, long EndedAt);

    public InodeNumber Directory { get; }

    /// <summary>The last change that was tried.</summary>
    public long Begun => Interlocked.Read(ref _begun);

    /// <summary>The last change that was made.</summary>
    public long Ended => Interlocked.Read(ref _ended);

    /// <summary>The last change that is known to be durable.</summary>
    public long Durable => Interlocked.Read(ref _durable);

    public State this[long version]
    {
        get
        {
            lock (_lock)
                return _states[version];
        }
    }

    public void ForgetBefore(long version)
    {
        lock (_lock)
        {
            foreach (long old in _states.Keys.Where(v => v < version).ToList())
                _states.Remove(old);
        }
    }

    public override void CheckAtEnd(VaultFileSystem opened) => Assert.Equal(_workload.Model.Dump(), FileSystemDump.Of(opened, Directory));

    protected override void StepCore(Random random)
    {
        if (random.Next(12) == 0)
            Sync();
        else
            Change();
    }

    private void Change()
    {
        Doing = "working in its tree";
        long begunAt = Interlocked.Increment(ref _clock);
        long version = Interlocked.Increment(ref _begun);
        _workload.Run(FileSystem, 1);
        State state = new(_workload.Model.Dump(), begunAt, Interlocked.Increment(ref _clock));
        lock (_lock)
            _states[version] = state;
        Interlocked.Exchange(ref _ended, version);
    }

    // A sync covers whatever anybody had done before it was called.
    private void Sync()
    {
        Doing = "syncing";
        long[] covered = [.. _all.Select(t => t.Ended)];
        FileSystem.SyncAll();
        for (int i = 0; i < covered.Length; i++)
            _all[i].RaiseDurable(covered[i]);
    }

    private void RaiseDurable(long version)
    {
        lock (_lock)
            _durable = Math.Max(_durable, version);
    }
}
