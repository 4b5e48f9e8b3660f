using Vault.Crypto;

namespace Vault.Storage;

/// <summary>Makes ranges of files read as zeros: chunks within go, in bounded steps, each a whole operation; chunks at the edges are cleared in part.</summary>
internal sealed class HolePuncher(Volume volume, DirtyData dirty, ContentAccess content, InodeTable inodes, ChunkTable chunks)
{
    private readonly LostContent _lost = new(volume.Tree);

    /// <summary>Punches a range, as far as it lies in the file.</summary>
    /// <param name="inode">A regular file.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="end">Behind the last byte; not below <paramref name="offset"/>.</param>
    /// <param name="betweenSteps">Is called with no lock held.</param>
    /// <param name="lastChange">Is applied to the record together with the last step.</param>
    /// <returns>ENOSPC: there is no place for what is left of a chunk at an edge.</returns>
    /// <exception cref="VaultCorruptionException">What is left of a chunk at an edge cannot be read.</exception>
    public Errno Punch(InodeNumber inode, long offset, long end, Action betweenSteps, FileCutter.RecordChange lastChange)
    {
        bool isLast = false;
        while (!isLast)
        {
            volume.Gate.EnterReadLock();
            DataStripe stripe = dirty.StripeOf(inode);
            stripe.Lock.EnterWriteLock();
            try
            {
                Errno outcome = content.GetRegularFile(inode, out InodeRecord record);
                if (outcome != Errno.None)
                    return outcome;
                long stop = Math.Min(end, record.Size);
                if ((record.Flags & InodeFlags.IsInline) != 0 && offset < stop)
                    isLast = PunchInline(inode, ref record, offset, stop, lastChange);
                else if (!TryPunchStep(stripe, inode, ref record, offset, stop, lastChange, out isLast))
                    return Errno.ENOSPC;
            }
            finally
            {
                stripe.Lock.ExitWriteLock();
                volume.Gate.ExitReadLock();
            }

            betweenSteps();
        }

        return Errno.None;
    }

    private bool PunchInline(InodeNumber inode, ref InodeRecord record, long offset, long end, FileCutter.RecordChange lastChange)
    {
        byte[] rented = PinnedBufferPool.Shared.Rent(LeafPage.MaxValueSize);
        try
        {
            using TreeChange change = volume.BeginChange();
            int length = chunks.GetInline(inode, rented);
            int from = (int)Math.Min(offset, length);
            int to = (int)Math.Clamp(end, from, length);
            rented.AsSpan(from, to - from).Clear();
            chunks.PutInline(inode, rented.AsSpan(0, length));
            lastChange(ref record);
            inodes.Put(inode, record);
            change.Complete();
            return true;
        }
        finally
        {
            PinnedBufferPool.Shared.Return(rented);
        }
    }

    // What lies behind the end of the file is zeros already: a range up to it takes the whole last chunk.
    private bool TryPunchStep(
        DataStripe stripe, InodeNumber inode, ref InodeRecord record, long offset, long end, FileCutter.RecordChange lastChange, out bool isLast)
    {
        isLast = true;
        ChunkEdge head = default;
        ChunkEdge tail = default;
        long first = (offset + volume.ChunkSize - 1) / volume.ChunkSize;
        long stop = end == record.Size ? (end + volume.ChunkSize - 1) / volume.ChunkSize : end / volume.ChunkSize;
        if (offset < end)
        {
            long headIndex = offset / volume.ChunkSize;
            if (headIndex < first && !TryLoadEdge(stripe, inode, record, headIndex, offset, end, out head))
                return false;
            if (head.IsAllZeros)
                first = headIndex;
            if (stop == end / volume.ChunkSize && stop >= first && !TryLoadEdge(stripe, inode, record, stop, offset, end, out tail))
                return false;
            if (tail.IsAllZeros)
                stop++;
        }

        stop = Math.Max(first, stop);
        using (TreeChange change = volume.BeginChange())
        {
            long stepEnd = EndOfStep(inode, first, stop);
            isLast = stepEnd == stop;
            chunks.Remove(inode, first, stepEnd, int.MaxValue, volume.Shared, out long blocks);
            record.DataBlocks -= blocks + dirty.DropRange(stripe, inode, first, stepEnd);
            if (stepEnd > first)
                _lost.Remove(inode, first, stepEnd - 1, ref record);
            if (isLast)
                lastChange(ref record);
            inodes.Put(inode, record);
            change.Complete();
        }

        head.Clear(stripe);
        tail.Clear(stripe);
        return true;
    }

    private long EndOfStep(InodeNumber inode, long first, long stop)
    {
        long stored = chunks.FirstIndex(inode, first, stop);
        return stored < 0 ? stop : Math.Min(stop, stored + volume.Shared.ReleasedAtOnce);
    }

    // Works on a full host too, like cutting.
    private bool TryLoadEdge(DataStripe stripe, InodeNumber inode, in InodeRecord record, long index, long offset, long end, out ChunkEdge edge)
    {
        edge = default;
        long start = index * volume.ChunkSize;
        int from = (int)Math.Max(0, offset - start);
        int to = (int)Math.Min(volume.ChunkSize, end - start);
        volume.Tree.Lock.EnterReadLock();
        try
        {
            _lost.ThrowIfLost(record, inode, index, index);
        }
        finally
        {
            volume.Tree.Lock.ExitReadLock();
        }

        if (to <= from || (!stripe.Dirty.ContainsKey(new ChunkKey(inode.Value, index)) && !content.TryGetPointer(inode, index, out _)))
            return true;
        if (content.GetOrLoad(stripe, inode, index, blocks: 1, mayUseReserve: true, isOverwritten: false) is not { } chunk)
            return false;
        bool isAllZeros = !chunk.Content[..from].ContainsAnyExcept((byte)0)
            && !chunk.Content[to..volume.ChunkSize].ContainsAnyExcept((byte)0);
        edge = new ChunkEdge(isAllZeros ? null : chunk, from, to, isAllZeros);
        return true;
    }

    /// <summary>A chunk in memory of which a part is to be cleared, or which has nothing else than that part.</summary>
    private readonly record struct ChunkEdge(DirtyChunk? Chunk, int From, int To, bool IsAllZeros)
    {
        public void Clear(DataStripe stripe) => Chunk?.Change(stripe, From, To - From).Clear();
    }
}
