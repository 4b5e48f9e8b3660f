namespace Vault.Storage;

/// <summary>A chunk of an inode.</summary>
internal readonly record struct ChunkKey(ulong Inode, long Index) : IComparable<ChunkKey>
{
    public int CompareTo(ChunkKey other)
    {
        int order = Inode.CompareTo(other.Inode);
        return order != 0 ? order : Index.CompareTo(other.Index);
    }
}

/// <summary>A chunk whose plaintext in memory is newer than what is sealed. Belongs to its stripe's lock.</summary>
/// <param name="buffer">A chunk's bytes, zeros behind the end of the file; from the pinned pool.</param>
/// <param name="countedBlocks">Blocks that the inode record counts for the chunk, or will when its first write succeeds.</param>
/// <param name="isStored">An older form of the chunk is sealed.</param>
internal sealed class DirtyChunk(byte[] buffer, int countedBlocks, bool isStored)
{
    public byte[] Buffer { get; } = buffer;

    public int CountedBlocks { get; } = countedBlocks;

    public bool IsStored { get; } = isStored;

    /// <summary>Whether the inode record counts the blocks already.</summary>
    public bool IsCounted { get; set; } = isStored;
}
