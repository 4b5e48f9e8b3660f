using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// What a repair has to know of the state on disk before it changes anything: which pages cannot be used, which chunk
/// records cannot stay, and which blocks are in use. Mends damaged copies on its way, since that changes no state.
/// </summary>
internal sealed class TreeDamage(SealedUnits units, ReachedBlocks used, int chunkSize, CancellationToken cancellation) : ITreeVisitor
{
    /// <summary>Pages to be dropped, with their lower bounds. Their blocks do not count as used.</summary>
    public List<(BlockPointer Pointer, TreeKey Low)> Unreadable { get; } = [];

    /// <summary>Keys that may be lost with them.</summary>
    public LostRanges Lost { get; } = new();

    /// <summary>Chunks whose records are malformed, or whose blocks another unit has too. Their blocks do not count as used.</summary>
    public List<TreeKey> BadChunks { get; } = [];

    /// <summary>Which records share a unit.</summary>
    public SharedUnits Shared { get; } = new();

    /// <summary>Leaves of which some keys are found by no search: to be dropped too, and what they hold put in again.</summary>
    public List<(BlockPointer Pointer, TreeKey Low)> Misplaced { get; } = [];

    public int MendedCopies { get; private set; }

    /// <summary>Walks the tree.</summary>
    public void Examine(DurableTree tree)
    {
        Shared.ExpectCounted(tree);
        tree.Walk(this, default, TreeKey.Highest, bothCopies: true);
        BadChunks.AddRange(Shared.Settle(tree, BadChunks));
    }

    public bool OnPage(in BlockPointer pointer)
    {
        cancellation.ThrowIfCancellationRequested();
        return used.TryAdd(pointer);
    }

    public void OnPageRead(in BlockPointer pointer, BlockAddress damagedCopy)
    {
        if (damagedCopy.IsNone)
            return;
        units.MendCopy(pointer, damagedCopy);
        MendedCopies++;
    }

    public void OnUnreadable(in BlockPointer pointer, in TreeKey low, in TreeKey end, int level, string check)
    {
        if (check != "place")
            used.Remove(pointer);
        Unreadable.Add((pointer, low));
        Lost.Add(low, end);
    }

    public void OnMisplaced(in BlockPointer pointer, in TreeKey low, in TreeKey key, ReadOnlySpan<byte> value)
    {
        OnEntry(key, value);
        if (Misplaced.Count > 0 && Misplaced[^1] == (pointer, low))
            return; // told once for each key; a page that is met in two places may be wrong in both
        used.Remove(pointer);
        Misplaced.Add((pointer, low));
    }

    public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value)
    {
        if (key.Table != TableId.Chunks)
            return;
        bool isGood = ChunkRecord.TryRead(value, out BlockPointer pointer) && pointer.SizeOfUnit <= chunkSize && ChunkTable.IsPossible(key, chunkSize);
        if (!isGood)
            BadChunks.Add(key);
        else if (!Shared.IsKnown(pointer))
            Shared.Add(key, pointer, isFirst: used.TryAdd(pointer));
    }
}
