namespace Vault.Storage;

/// <summary>
/// Tells records that share a unit, which name the same seal, from records that lead to the same blocks by mistake. Those that the
/// table of counts has are known at once; others are settled in a second walk.
/// </summary>
internal sealed class SharedUnits : ITreeVisitor
{
    private readonly Dictionary<ulong, Seal> _units = [];
    private readonly List<(TreeKey Key, ulong Address, Seal Seal)> _contested = [];
    private readonly HashSet<TreeKey> _ownsNothing = [];
    private bool _isSettling;

    /// <summary>Of units that several records may lead to.</summary>
    public IEnumerable<ulong> Addresses => _units.Keys;

    /// <summary>Expects the units that the table of counts has.</summary>
    public void ExpectCounted(DurableTree tree) =>
        tree.Walk(this, new TreeKey(TableId.SharedChunks, 0), new TreeKey(TableId.SharedChunks + 1, 0), bothCopies: false);

    /// <summary>Whether another record of the same unit was met already.</summary>
    public bool IsKnown(in BlockPointer pointer) => _units.TryGetValue(pointer.Address.Value, out Seal seal) && seal == Seal.Of(pointer);

    /// <summary>Takes a record.</summary>
    /// <param name="key">Of the record.</param>
    /// <param name="pointer">What it names.</param>
    /// <param name="isFirst">Whether nothing else was met that leads to its blocks.</param>
    public void Add(in TreeKey key, in BlockPointer pointer, bool isFirst)
    {
        if (!isFirst)
            _contested.Add((key, pointer.Address.Value, Seal.Of(pointer)));
        else if (_units.ContainsKey(pointer.Address.Value))
            _units[pointer.Address.Value] = Seal.Of(pointer);
    }

    /// <summary>The records that lead to blocks of another unit than their own.</summary>
    /// <param name="tree">Is walked again if there may be any.</param>
    /// <param name="bad">Records that own nothing.</param>
    public List<TreeKey> Settle(DurableTree tree, IEnumerable<TreeKey> bad)
    {
        _ownsNothing.UnionWith(bad);
        foreach ((TreeKey key, ulong address, _) in _contested)
        {
            _ownsNothing.Add(key);
            _units.TryAdd(address, default);
        }

        _isSettling = true;
        if (_contested.Count > 0)
            tree.Walk(this, new TreeKey(TableId.Chunks, 0), new TreeKey(TableId.Chunks + 1, 0), bothCopies: false);
        return [.. _contested.Where(c => _units[c.Address] != c.Seal).Select(c => c.Key)];
    }

    public void OnUnreadable(in BlockPointer pointer, in TreeKey low, in TreeKey end, int level, string check)
    {
    }

    public void OnMisplaced(in BlockPointer pointer, in TreeKey low, in TreeKey key, ReadOnlySpan<byte> value) => OnEntry(key, value);

    public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value)
    {
        if (!_isSettling)
            _units.TryAdd(key.Object, default);
        else if (!_ownsNothing.Contains(key) && ChunkRecord.TryRead(value, out BlockPointer pointer))
            Add(key, pointer, isFirst: true);
    }

    /// <summary>What only records of the same unit have in common; all zeros: not met yet.</summary>
    private readonly record struct Seal(UInt128 Tag, int BlockCount)
    {
        public static Seal Of(in BlockPointer pointer) => new(pointer.Stamp.Tag, pointer.BlockCount);
    }
}
