namespace Vault.Storage;

/// <summary>
/// A share of all inodes, by number: the lock under which their content changes, and their dirty chunks. Two are held at once
/// by a <see cref="StripePair"/> alone.
/// </summary>
/// <param name="index">Its place among all: two are locked in this order.</param>
internal sealed class DataStripe(int index)
{
    public int Index { get; } = index;

    /// <summary>Shared to read content, exclusive to change it. After the gate, before the tree.</summary>
    public ReaderWriterLockSlim Lock { get; } = new(LockRecursionPolicy.NoRecursion);

    public Dictionary<ChunkKey, DirtyChunk> Dirty { get; } = [];

    /// <summary>How many of <see cref="Dirty"/> have something that the intent log has not.</summary>
    public int UnloggedCount { get; set; }

    /// <summary>Scratch of a flush: keys of <see cref="Dirty"/> in order.</summary>
    public List<ChunkKey> FlushOrder { get; } = [];

    /// <summary>Puts an inode's dirty chunks from an index up to but not including another into <see cref="FlushOrder"/>.</summary>
    public void OrderDirty(InodeNumber inode, long firstIndex, long endIndex)
    {
        FlushOrder.Clear();
        foreach (ChunkKey key in Dirty.Keys)
        {
            if (key.Inode == inode.Value && key.Index >= firstIndex && key.Index < endIndex)
                FlushOrder.Add(key);
        }

        FlushOrder.Sort();
    }
}
