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
    private ulong _unlogged;

    /// <summary>The buffer, for its return to the pool and for who makes the chunk.</summary>
    public byte[] Buffer { get; } = buffer;

    public ReadOnlySpan<byte> Content => Buffer;

    /// <summary>Blocks that the intent log has not seen in this form, a bit each.</summary>
    public ulong Unlogged => _unlogged;

    /// <summary>The chunk began with zeros: what is stored of it does not count.</summary>
    public bool IsFresh { get; init; }

    public int StoredBlocks { get; } = storedBlocks;

    /// <summary>Blocks that the inode record counts for the chunk; 0 while its first write has not succeeded.</summary>
    public int CountedBlocks { get; set; } = storedBlocks;

    /// <summary>The stored form was not loaded, since all of it is about to be overwritten: if it is not, the chunk is dropped.</summary>
    public bool IsBlank { get; set; }

    /// <summary>Where the chunk will be sealed: allocated when it is written to, so that sealing it cannot want for space.</summary>
    public BlockAddress Place { get; set; }

    /// <summary>Blocks that hold all its bytes, of a chunk that a replay found no place for yet.</summary>
    public int LeastPlaceBlocks { get; set; }

    /// <summary>Blocks at <see cref="Place"/>; bytes of the buffer beyond them are zeros.</summary>
    public int PlaceBlocks { get; set; }

    /// <summary>A range of the content, to be changed: the one way to it.</summary>
    /// <param name="stripe">That holds the chunk.</param>
    /// <param name="start">Bytes from the start of the chunk.</param>
    /// <param name="length">Bytes.</param>
    public Span<byte> Change(DataStripe stripe, int start, int length)
    {
        if (length > 0)
        {
            int first = start / ContainerLayout.BlockSize;
            int last = (start + length - 1) / ContainerLayout.BlockSize;
            stripe.UnloggedCount += _unlogged == 0 ? 1 : 0;
            _unlogged |= ((1UL << (last - first + 1)) - 1) << first;
        }

        return Buffer.AsSpan(start, length);
    }

    /// <summary>The log has it all, or it is of no interest any more.</summary>
    public void MarkLogged(DataStripe stripe)
    {
        stripe.UnloggedCount -= _unlogged == 0 ? 0 : 1;
        _unlogged = 0;
    }
}
