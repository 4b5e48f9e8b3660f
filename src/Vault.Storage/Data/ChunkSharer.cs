namespace Vault.Storage;

/// <summary>
/// Copies whole chunks without their data: the destination's records name the units that the source's name, which are counted
/// in <see cref="SharedChunks"/>. Holes become holes.
/// </summary>
internal sealed class ChunkSharer(Volume volume, DirtyData dirty, ContentAccess content, InodeTable inodes, ChunkTable chunks)
{
    /// <summary>Each may change another page of the table of counts, which the next commit needs room for.</summary>
    private const int ChunksAtOnce = 128;

    private readonly LostContent _lost = new(volume.Tree);

    /// <summary>Shares what can be shared of the beginning of a range, up to a bound: one whole operation.</summary>
    /// <param name="range">Both offsets are multiples of a chunk.</param>
    /// <param name="change">What else changes in the destination's record.</param>
    /// <param name="done">Bytes; 0 if the range does not begin with what is a whole chunk of both files, or the source is inline.</param>
    /// <exception cref="VaultCorruptionException">Content of the source is lost there.</exception>
    public Errno Share(in CopiedRange range, FileCutter.RecordChange change, out long done)
    {
        done = 0;
        DataStripe sourceStripe = dirty.StripeOf(range.Source);
        DataStripe stripe = dirty.StripeOf(range.Destination);
        volume.Gate.EnterReadLock();
        try
        {
            using StripePair pair = new(sourceStripe, stripe);
            Errno outcome = content.GetRegularFile(range.Source, out InodeRecord source);
            if (outcome != Errno.None)
                return outcome;
            long first = range.SourceOffset / volume.ChunkSize;
            dirty.Flush(sourceStripe, range.Source, first, first + ChunksAtOnce); // may change the record, of the destination too
            outcome = content.GetRegularFile(range.Destination, out InodeRecord record);
            if (outcome != Errno.None || (source.Flags & InodeFlags.IsInline) != 0)
                return outcome;
            int count = CountOf(range, source, record, out done);
            if (count == 0)
                return Errno.None;
            if (!volume.Space.HasMetadataRoom()
                || ((record.Flags & InodeFlags.IsInline) != 0 && !content.TryConvertInline(stripe, range.Destination, ref record)))
            {
                done = 0;
                return Errno.ENOSPC;
            }

            record.Size = Math.Max(record.Size, range.DestinationOffset + done);
            change(ref record);
            ShareChunks(range, stripe, count, source, ref record);
            return Errno.None;
        }
        finally
        {
            volume.Gate.ExitReadLock();
        }
    }

    // The last chunk of the source can be shared in part if it is the destination's last one too: what a unit has behind the
    // end of a file is zeros.
    private int CountOf(in CopiedRange range, in InodeRecord source, in InodeRecord destination, out long done)
    {
        long whole = Math.Min(ChunksAtOnce, range.Length / volume.ChunkSize);
        done = whole * volume.ChunkSize;
        bool endsBoth = range.SourceOffset + range.Length >= source.Size && range.DestinationOffset + range.Length >= destination.Size;
        if (whole == ChunksAtOnce || done == range.Length || !endsBoth)
            return (int)whole;
        done = range.Length;
        return (int)whole + 1;
    }

    private void ShareChunks(in CopiedRange range, DataStripe stripe, int count, in InodeRecord source, ref InodeRecord record)
    {
        long from = range.SourceOffset / volume.ChunkSize;
        long to = range.DestinationOffset / volume.ChunkSize;
        Span<BlockPointer> shared = stackalloc BlockPointer[count];
        Span<BlockPointer> replaced = stackalloc BlockPointer[count];
        using TreeChange change = volume.BeginChange();
        chunks.GetRange(range.Source, from, shared);
        chunks.GetRange(range.Destination, to, replaced);
        _lost.ThrowIfLost(source, range.Source, from, from + count - 1);
        foreach (BlockPointer pointer in shared)
            _ = pointer.IsNone ? 0 : volume.Shared.CountOf(pointer); // a damaged page fails the copy before its first change
        for (int i = 0; i < count; i++)
        {
            DirtyChunk? dropped = dirty.Drop(stripe, new ChunkKey(range.Destination.Value, to + i));
            record.DataBlocks += Blocks(shared[i]) - (dropped?.CountedBlocks ?? Blocks(replaced[i]));
            if (shared[i] != replaced[i])
                Replace(range.Destination, to + i, shared[i], replaced[i]);
        }

        _lost.Remove(range.Destination, to, to + count - 1, ref record);
        inodes.Put(range.Destination, record);
        change.Complete();
    }

    private void Replace(InodeNumber inode, long index, in BlockPointer pointer, in BlockPointer old)
    {
        if (pointer.IsNone)
        {
            chunks.Remove(inode, index, index + 1, 1, volume.Shared, out _);
            return;
        }

        volume.Shared.Add(pointer);
        chunks.Exchange(inode, index, pointer);
        if (!old.IsNone)
            volume.Shared.Release(old);
    }

    private static int Blocks(in BlockPointer pointer) => pointer.IsNone ? 0 : pointer.BlockCount;
}
