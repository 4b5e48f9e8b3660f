using Vault.Crypto;

namespace Vault.Storage;

/// <summary>Cuts, extends and deletes file content, in bounded steps where much goes: each step is a whole operation.</summary>
internal sealed class FileCutter(Volume volume, DirtyData dirty, ContentAccess content, InodeTable inodes, ChunkTable chunks)
{
    private readonly LostContent _lost = new(volume.Tree);

    /// <summary>What else changes in an inode record together with its size.</summary>
    public delegate void RecordChange(ref InodeRecord record);

    /// <summary>Cuts or extends a file, in steps if much goes, each step a whole operation.</summary>
    /// <param name="inode">A regular file.</param>
    /// <param name="newSize">Bytes.</param>
    /// <param name="betweenSteps">Is called with no lock held.</param>
    /// <param name="lastChange">Is applied to the record together with the last step.</param>
    /// <param name="record">The record as it is then.</param>
    public Errno Truncate(InodeNumber inode, long newSize, Action betweenSteps, RecordChange lastChange, out InodeRecord record)
    {
        if (newSize > FileWriter.MaxFileSize)
        {
            record = default;
            return Errno.EFBIG;
        }

        for (long step = long.MaxValue; ;)
        {
            volume.Gate.EnterReadLock();
            DataStripe stripe = dirty.StripeOf(inode);
            stripe.Lock.EnterWriteLock();
            try
            {
                Errno outcome = content.GetRegularFile(inode, out record);
                if (outcome != Errno.None)
                    return outcome;
                long stepBefore = step;
                step = NextSize(inode, newSize);
                bool isLast = step == newSize;
                if (!isLast && step >= stepBefore)
                    throw new VaultCorruptionException(new CorruptionSite("chunk record", 0, "order")); // one that no search finds does not go
                if (!TrySetSize(stripe, inode, ref record, step, isLast ? lastChange : null))
                    return Errno.ENOSPC;
                if (isLast)
                    return Errno.None;
            }
            finally
            {
                stripe.Lock.ExitWriteLock();
                volume.Gate.ExitReadLock();
            }

            betweenSteps();
        }
    }

    /// <summary>Deletes some of an inode's chunks or, if it has none, calls <paramref name="last"/> in the tree section.</summary>
    /// <param name="inode">An inode that nobody can reach any more.</param>
    /// <param name="last">Removes the inode itself.</param>
    /// <returns>Whether there is more to do.</returns>
    public bool PurgeStep(InodeNumber inode, Action<InodeNumber> last)
    {
        volume.Gate.EnterReadLock();
        DataStripe stripe = dirty.StripeOf(inode);
        stripe.Lock.EnterWriteLock();
        try
        {
            using TreeChange change = volume.BeginChange();
            dirty.DropRange(stripe, inode, 0, ChunkTable.EndOfAll);
            bool more = chunks.Remove(inode, 0, ChunkTable.EndOfAll, volume.Shared.ReleasedAtOnce, volume.Shared, out _) > 0;
            if (!more)
                last(inode);
            change.Complete();
            return more;
        }
        finally
        {
            stripe.Lock.ExitWriteLock();
            volume.Gate.ExitReadLock();
        }
    }

    // How far one step goes: by the chunks that are there, not by the size, which may be petabytes of hole.
    private long NextSize(InodeNumber inode, long newSize)
    {
        long firstGone = (newSize + volume.ChunkSize - 1) / volume.ChunkSize;
        long last = content.LastIndex(inode, firstGone, out int atOnce);
        return last - firstGone < atOnce ? newSize : (last + 1 - atOnce) * volume.ChunkSize;
    }

    private bool TrySetSize(DataStripe stripe, InodeNumber inode, ref InodeRecord record, long newSize, RecordChange? lastChange)
    {
        bool shrinks = newSize < record.Size;
        bool isInline = (record.Flags & InodeFlags.IsInline) != 0;
        int keep = (int)(newSize % volume.ChunkSize);
        DirtyChunk? cut = null;
        bool cutIsLost = false;
        long firstGone = (newSize + volume.ChunkSize - 1) / volume.ChunkSize;
        if (shrinks && !isInline && keep != 0 && !TryLoadCut(stripe, inode, firstGone - 1, keep, out cut, out cutIsLost))
            return false;
        using TreeChange change = volume.BeginChange();
        if (shrinks && isInline)
            CutInline(inode, ref record, newSize);
        else if (shrinks)
            RemoveChunksFrom(stripe, inode, ref record, cutIsLost ? firstGone - 1 : firstGone);
        if (shrinks)
            _lost.Remove(inode, cutIsLost ? firstGone - 1 : firstGone, long.MaxValue, ref record);
        if (cutIsLost)
            _lost.Add(inode, (ulong)firstGone - 1, (ulong)firstGone - 1, ref record);
        if (newSize == 0)
            record.DataBlocks = 0;
        int uncounted = cut is null ? 0 : Math.Max(0, cut.CountedBlocks - ContainerLayout.BlocksFor(keep));
        record.DataBlocks -= uncounted;
        record.Size = newSize;
        lastChange?.Invoke(ref record);
        inodes.Put(inode, record);
        change.Complete();
        if (cut is null)
            return true;

        // The chunk through which the end goes is sealed again with zeros behind it: a later extension must read zeros.
        cut.Change(stripe, keep, volume.ChunkSize - keep).Clear();
        cut.CountedBlocks -= uncounted;
        return true;
    }

    // The chunk through which the end goes, in memory; none if it is a hole. Cutting works on a full host too. What does not
    // authenticate cannot be cut: the rest of the chunk is lost, and no later extension may bring back what was behind the end.
    private bool TryLoadCut(DataStripe stripe, InodeNumber inode, long index, int keep, out DirtyChunk? cut, out bool isLost)
    {
        cut = null;
        isLost = false;
        if (!stripe.Dirty.ContainsKey(new ChunkKey(inode.Value, index)) && !content.TryGetPointer(inode, index, out _))
            return true;
        isLost = !content.IsReadable(stripe, inode, index);
        if (isLost)
            return true;
        cut = content.GetOrLoad(stripe, inode, index, ContainerLayout.BlocksFor(keep), mayUseReserve: true, isOverwritten: false);
        return cut is not null;
    }

    private void CutInline(InodeNumber inode, ref InodeRecord record, long newSize)
    {
        if (newSize == 0)
        {
            chunks.RemoveInline(inode);
            record.Flags &= ~InodeFlags.IsInline;
            return;
        }

        if (!chunks.HasInline(inode))
            return; // lost, whatever is left of it
        byte[] rented = PinnedBufferPool.Shared.Rent(LeafPage.MaxValueSize);
        int length = chunks.GetInline(inode, rented);
        if (length > newSize)
            chunks.PutInline(inode, rented.AsSpan(0, (int)newSize));
        PinnedBufferPool.Shared.Return(rented);
    }

    private void RemoveChunksFrom(DataStripe stripe, InodeNumber inode, ref InodeRecord record, long firstGone)
    {
        chunks.Remove(inode, firstGone, ChunkTable.EndOfAll, int.MaxValue, volume.Shared, out long stored);
        record.DataBlocks -= stored + dirty.DropRange(stripe, inode, firstGone, ChunkTable.EndOfAll);
    }
}
