namespace Vault.Storage;

/// <summary>
/// The states of a vault whose superblock and root page can be read, newest first, and what they say together: where
/// the newest cannot be read, the next older one is asked. Older ones share most pages with it and have lost others.
/// For one thread.
/// </summary>
internal sealed class SalvageStates : IDisposable
{
    private readonly List<(ulong Generation, DurableTree Tree)> _states = [];
    private readonly HashSet<(ulong Address, ulong Birth)> _toldPages = [];
    private readonly HashSet<int> _used = [];
    private readonly CheckLog _log;
    private readonly ulong _newestGeneration;
    private readonly SalvageLog? _intentLog;

    /// <param name="superblocks">Newest first; at least one.</param>
    /// <param name="units">Reads and mends nothing.</param>
    /// <param name="log">Receives pages of the newest two states that cannot be read, each once.</param>
    /// <param name="follow">Follows the intent log of a state.</param>
    public SalvageStates(IReadOnlyList<Superblock> superblocks, SealedUnits units, CheckLog log, Func<Superblock, LogScan> follow)
    {
        _log = log;
        _newestGeneration = superblocks[0].Generation;
        foreach (Superblock superblock in superblocks.DistinctBy(s => s.TreeRoot))
        {
            DurableTree tree = new(units, superblock.TreeRoot);
            RootProbe probe = new();
            tree.Walk(probe, default, default, bothCopies: false);
            if (probe.IsReadable)
            {
                // Of a state before the newest two the log may name blocks that are in use again.
                if (_states.Count == 0 && superblock.Generation + 1 >= _newestGeneration)
                    _intentLog = ReadLog(follow(superblock), units, tree, superblock);
                _states.Add((superblock.Generation, tree));
                continue;
            }

            tree.Dispose();
            Tell(superblock.TreeRoot, superblock.Generation, $"The root page of generation {superblock.Generation} cannot be read: nothing of that state can.");
        }
    }

    public int Count => _states.Count;

    /// <summary>What the log says over the newest state; null: nothing.</summary>
    public SalvageLog? LogOf(int state) => state == 0 ? _intentLog : null;

    /// <summary>States that something was taken from.</summary>
    public int UsedCount => _used.Count;

    /// <summary>Notes that something was taken from a state.</summary>
    public void Use(int state) => _used.Add(state);

    public ulong GenerationOf(int state) => _states[state].Generation;

    /// <summary>Copies a value out of one state.</summary>
    /// <param name="state">Index of the state.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">Receives as much of the value as fits.</param>
    /// <param name="length">The value's length.</param>
    public bool TryGetIn(int state, in TreeKey key, Span<byte> value, out int length)
    {
        if (LogOf(state) is not { } log || !log.TryGet(key, out byte[]? logged))
            return _states[state].Tree.TryGet(key, value, out length) == DurableTree.Outcome.Found;
        length = logged?.Length ?? 0;
        logged?.AsSpan(0, Math.Min(length, value.Length)).CopyTo(value);
        return logged is not null;
    }

    /// <summary>Reads an inode's record from the newest state that has it.</summary>
    public bool TryGetRecord(ulong inode, out InodeRecord record, out int state)
    {
        for (state = 0; state < Count; state++)
        {
            if (TryGetRecordIn(state, inode, out record))
                return true;
        }

        record = default;
        return false;
    }

    /// <summary>Reads an inode's record from one state.</summary>
    public bool TryGetRecordIn(int state, ulong inode, out InodeRecord record)
    {
        Span<byte> value = stackalloc byte[InodeRecord.SizeBytes];
        bool found = TryGetIn(state, new TreeKey(TableId.Inodes, inode), value, out int length) && length == value.Length;
        record = found ? InodeRecord.Read(value) : default;
        record.Size = Math.Clamp(record.Size, 0, FileWriter.MaxFileSize);
        record.DataBlocks = Math.Clamp(record.DataBlocks, 0, (long)BlockAddress.MaxValue);
        return found;
    }

    /// <summary>Shows all keys from <paramref name="low"/> up to but not including <paramref name="end"/>.</summary>
    public void Walk(in TreeKey low, in TreeKey end, ISalvageVisitor visitor) => Walk(0, low, end, isLast: false, visitor);

    /// <summary>As <see cref="Walk(in TreeKey, in TreeKey, ISalvageVisitor)"/>, in one state alone.</summary>
    public void WalkIn(int state, in TreeKey low, in TreeKey end, ISalvageVisitor visitor) => Walk(state, low, end, isLast: true, visitor);

    public void Dispose()
    {
        foreach ((_, DurableTree tree) in _states)
            tree.Dispose();
    }

    private void Walk(int state, in TreeKey low, in TreeKey end, bool isLast, ISalvageVisitor visitor)
    {
        if (LogOf(state) is not { } log)
        {
            WalkTree(state, low, end, isLast, visitor);
            return;
        }

        SalvageLogLayer layer = new(log, low, end, visitor);
        WalkTree(state, low, end, isLast, layer);
        layer.End();
    }

    private SalvageLog? ReadLog(LogScan scan, SealedUnits units, DurableTree tree, Superblock state)
    {
        if (scan.IsDamaged)
            _log.Add(CheckFindingKind.IntentLog, state.Log.Segment.AsUnit, "The log of synced changes is damaged: what came after cannot be read.");
        SalvageLog log = SalvageLog.Read(scan, units, tree, _log);
        return log.Count > 0 ? log : null;
    }

    private void WalkTree(int state, in TreeKey low, in TreeKey end, bool isLast, ISalvageVisitor visitor) =>
        _states[state].Tree.Walk(new Layer(this, state, low, end, isLast || state == Count - 1, visitor), low, end, bothCopies: false);

    private void Tell(in BlockPointer pointer, ulong generation, string detail)
    {
        // Of older states many pages are gone: their blocks were free, and have been used again.
        if (generation + 1 >= _newestGeneration && _toldPages.Add((pointer.Address.Value, pointer.Birth)))
            _log.Add(CheckFindingKind.TreePage, pointer, detail);
    }

    // One state in a walk; where it cannot be read, the walk goes on in the next one.
    private sealed class Layer(SalvageStates owner, int state, TreeKey low, TreeKey end, bool isLast, ISalvageVisitor visitor) : ITreeVisitor
    {
        public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value) => visitor.OnEntry(state, key, value);

        public void OnUnreadable(in BlockPointer pointer, in TreeKey pageLow, in TreeKey pageEnd, int level, string check)
        {
            owner.Tell(pointer, owner.GenerationOf(state), "A page of the tree cannot be read.");
            TreeKey from = low.CompareTo(pageLow) < 0 ? pageLow : low;
            TreeKey to = pageEnd.CompareTo(end) < 0 ? pageEnd : end;
            visitor.OnUnreadable(state, from, to, isLast);
            if (!isLast)
                owner.Walk(state + 1, from, to, isLast: false, visitor);
        }
    }

    private sealed class RootProbe : ITreeVisitor
    {
        public bool IsReadable { get; private set; } = true;

        public void OnUnreadable(in BlockPointer pointer, in TreeKey low, in TreeKey end, int level, string check) => IsReadable = false;

        public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value)
        {
        }
    }
}
