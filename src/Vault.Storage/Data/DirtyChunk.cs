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
/// <param name="storedBlocks">Blocks of the older form that is sealed; 0 if there is none.</param>
internal sealed class DirtyChunk(byte[] buffer, int storedBlocks)
{
    public byte[] Buffer { get; } = buffer;

    public int StoredBlocks { get; } = storedBlocks;

    /// <summary>Blocks that the inode record counts for the chunk; 0 while its first write has not succeeded.</summary>
    public int CountedBlocks { get; set; } = storedBlocks;

    /// <summary>The stored form was not loaded, since all of it is about to be overwritten: if it is not, the chunk is dropped.</summary>
    public bool IsBlank { get; set; }

    /// <summary>Where the chunk will be sealed: allocated when it is written to, so that sealing it cannot want for space.</summary>
    public BlockAddress Place { get; set; }

    /// <summary>Blocks at <see cref="Place"/>; bytes of the buffer beyond them are zeros.</summary>
    public int PlaceBlocks { get; set; }
}
