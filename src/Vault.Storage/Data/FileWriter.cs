using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// Writes file content. Whole chunks are sealed straight from the caller's buffer; parts of chunks are collected in
/// <see cref="DirtyData"/>; small files live in the tree.
/// </summary>
internal sealed class FileWriter(Volume volume, DirtyData dirty, ContentAccess content, InodeTable inodes, ChunkTable chunks)
{
    /// <summary>The largest file: chunk indexes stay far below 2^56.</summary>
    public const long MaxFileSize = 1L << 53;

    private const int MaxBytesAtOnce = 1 << 20;

    private readonly ChunkSealer _sealer = new(volume);
    private readonly LostContent _lost = new(volume.Tree);

    /// <summary>Writes all of <paramref name="data"/> or fails.</summary>
    public Errno Write(InodeNumber inode, long offset, ReadOnlySpan<byte> data, bool updateTimes, bool clearSetIds)
    {
        if (offset > MaxFileSize - data.Length)
            return Errno.EFBIG;
        int done = 0;
        do
        {
            int length = Math.Min(MaxBytesAtOnce, data.Length - done);
            Errno outcome = WritePiece(inode, offset + done, data.Slice(done, length), updateTimes, clearSetIds);
            if (outcome != Errno.None)
                return outcome;
            done += length;
        }
        while (done < data.Length);
        return Errno.None;
    }

    // Whole chunks are sealed before the file is locked: several threads write to one file at once.
    private Errno WritePiece(InodeNumber inode, long offset, ReadOnlySpan<byte> data, bool updateTimes, bool clearSetIds)
    {
        ChunkSpan span = new(offset, Math.Max(data.Length, 1), volume.ChunkSize);
        Span<BlockPointer> whole = stackalloc BlockPointer[span.WholeCount];
        whole.Clear();
        bool isDone = false;
        volume.Gate.EnterReadLock();
        try
        {
            if (!whole.IsEmpty && !TrySealWhole(data[span.HeadLength..], whole))
                return Errno.ENOSPC;
            Errno outcome = WriteLocked(inode, offset, data, span, whole, updateTimes, clearSetIds);
            isDone = outcome == Errno.None;
            return outcome;
        }
        finally
        {
            if (!isDone && volume.Failure is null)
                FreeSealed(whole);
            volume.Gate.ExitReadLock();
        }
    }

    private Errno WriteLocked(
        InodeNumber inode, long offset, ReadOnlySpan<byte> data, in ChunkSpan span, Span<BlockPointer> whole, bool updateTimes, bool clearSetIds)
    {
        DataStripe stripe = dirty.StripeOf(inode);
        stripe.Lock.EnterWriteLock();
        try
        {
            Errno outcome = content.GetRegularFile(inode, out InodeRecord record);
            if (outcome != Errno.None || data.IsEmpty)
                return outcome;

            // What the kernel hands in later it accepted before the flag was set.
            if (updateTimes && Protection.CheckWrite(record, offset) is var refused and not Errno.None)
                return refused;
            bool fitsInline = Math.Max(record.Size, offset + data.Length) <= LeafPage.MaxValueSize
                && record.DataBlocks == 0 && (record.Flags & InodeFlags.HasLostContent) == 0;
            if (!fitsInline && (record.Flags & InodeFlags.IsInline) != 0 && !content.TryConvertInline(stripe, inode, ref record))
                return Errno.ENOSPC;

            // Not before: the conversion stays if the write itself is refused.
            if (updateTimes && !volume.LeavesTimes)
                record.ModifyTime = record.ChangeTime = volume.Clock.Now;
            if (clearSetIds)
                record.ClearSetIds();
            if (!fitsInline)
                return WriteChunks(stripe, inode, ref record, offset, data, span, whole);
            FreeSealed(whole);
            whole.Clear();
            return WriteInline(inode, ref record, (int)offset, data);
        }
        finally
        {
            stripe.Lock.ExitWriteLock();
        }
    }

    private Errno WriteInline(InodeNumber inode, ref InodeRecord record, int offset, ReadOnlySpan<byte> data)
    {
        if (!volume.Space.HasMetadataRoom())
            return Errno.ENOSPC;
        byte[] rented = PinnedBufferPool.Shared.Rent(LeafPage.MaxValueSize);
        try
        {
            using TreeChange change = volume.BeginChange();
            bool isOverwritten = offset == 0 && data.Length >= record.Size;
            int length = (record.Flags & InodeFlags.IsInline) != 0 && !isOverwritten ? chunks.GetInline(inode, rented) : 0;
            data.CopyTo(rented.AsSpan(offset));
            length = Math.Max(length, offset + data.Length);
            chunks.PutInline(inode, rented.AsSpan(0, length));
            record.Flags |= InodeFlags.IsInline;
            record.Size = Math.Max(record.Size, offset + data.Length);
            inodes.Put(inode, record);
            change.Complete();
            return Errno.None;
        }
        finally
        {
            PinnedBufferPool.Shared.Return(rented);
        }
    }

    private Errno WriteChunks(
        DataStripe stripe, InodeNumber inode, ref InodeRecord record, long offset, ReadOnlySpan<byte> data, in ChunkSpan span, ReadOnlySpan<BlockPointer> whole)
    {
        bool coversEnd = offset + data.Length >= record.Size;
        bool coversHead = span.HeadStart == 0 && coversEnd;
        ThrowIfLost(inode, record, span, coversHead, coversEnd);
        bool isDone = false;
        DirtyChunk? head = null;
        DirtyChunk? tail = null;
        try
        {
            if ((span.HasHead && (head = GetOrLoad(stripe, inode, span.FirstIndex, span.HeadStart + span.HeadLength, coversHead)) is null)
                || (span.HasTail && (tail = GetOrLoad(stripe, inode, span.LastIndex, span.TailLength, coversEnd)) is null))
            {
                return Errno.ENOSPC;
            }

            using TreeChange change = volume.BeginChange();
            record.DataBlocks += UncountedBlocks(head) + UncountedBlocks(tail);
            for (int i = 0; i < whole.Length; i++)
                record.DataBlocks += ReplaceChunk(stripe, inode, span.FirstWhole + i, whole[i]);
            record.Size = Math.Max(record.Size, offset + data.Length);
            _lost.Remove(inode, span.FirstIndex, span.LastIndex, ref record);
            inodes.Put(inode, record);
            change.Complete();
            isDone = true;
        }
        finally
        {
            if (!isDone && volume.Failure is null)
                Undo(stripe, inode, span);
        }

        if (head is not null)
            Fill(stripe, head, span.HeadStart, data[..span.HeadLength]);
        if (tail is not null)
            Fill(stripe, tail, 0, data[^span.TailLength..]);
        return Errno.None;
    }

    private DirtyChunk? GetOrLoad(DataStripe stripe, InodeNumber inode, long index, int endInChunk, bool isOverwritten) =>
        content.GetOrLoad(stripe, inode, index, ContainerLayout.BlocksFor(endInChunk), mayUseReserve: false, isOverwritten);

    // A chunk that is lost can only be written as a whole, as far as the file has anything there.
    private void ThrowIfLost(InodeNumber inode, in InodeRecord record, in ChunkSpan span, bool coversHead, bool coversEnd)
    {
        if ((record.Flags & InodeFlags.HasLostContent) == 0)
            return;
        volume.Tree.Lock.EnterReadLock();
        try
        {
            if (span.HasHead && !coversHead)
                _lost.ThrowIfLost(record, inode, span.FirstIndex, span.FirstIndex);
            if (span.HasTail && !coversEnd)
                _lost.ThrowIfLost(record, inode, span.LastIndex, span.LastIndex);
        }
        finally
        {
            volume.Tree.Lock.ExitReadLock();
        }
    }

    private static int UncountedBlocks(DirtyChunk? chunk) => chunk is null ? 0 : Math.Max(0, chunk.PlaceBlocks - chunk.CountedBlocks);

    private static void Fill(DataStripe stripe, DirtyChunk chunk, int start, ReadOnlySpan<byte> data)
    {
        data.CopyTo(chunk.Change(stripe, start, data.Length));
        chunk.IsBlank = false;
        chunk.CountedBlocks += UncountedBlocks(chunk);
    }

    // Nothing of a write that failed remains.
    private void FreeSealed(ReadOnlySpan<BlockPointer> whole)
    {
        foreach (BlockPointer pointer in whole)
        {
            if (!pointer.IsNone)
                volume.Space.Free(pointer);
        }
    }

    // Chunks loaded for it hold what is stored.
    private void Undo(DataStripe stripe, InodeNumber inode, in ChunkSpan span)
    {
        if (span.HasHead)
            DropIfUncounted(stripe, inode, span.FirstIndex);
        if (span.HasTail)
            DropIfUncounted(stripe, inode, span.LastIndex);
    }

    // A chunk that was a hole is counted in the record only when the write succeeds; a blank one does not hold what is stored.
    private void DropIfUncounted(DataStripe stripe, InodeNumber inode, long index)
    {
        ChunkKey key = new(inode.Value, index);
        if (!stripe.Dirty.TryGetValue(key, out DirtyChunk? chunk) || (chunk.CountedBlocks > 0 && !chunk.IsBlank))
            return;
        volume.Tree.Lock.EnterWriteLock();
        try
        {
            dirty.Drop(stripe, key);
        }
        finally
        {
            volume.Tree.Lock.ExitWriteLock();
        }
    }

    private long ReplaceChunk(DataStripe stripe, InodeNumber inode, long index, in BlockPointer pointer)
    {
        BlockPointer old = chunks.Exchange(inode, index, pointer);
        if (!old.IsNone)
            volume.Shared.Release(old);
        DirtyChunk? dropped = dirty.Drop(stripe, new ChunkKey(inode.Value, index));
        return pointer.BlockCount - (dropped?.CountedBlocks ?? (old.IsNone ? 0 : old.BlockCount));
    }

    private bool TrySealWhole(ReadOnlySpan<byte> data, Span<BlockPointer> whole)
    {
        int done = 0;
        while (done < whole.Length)
        {
            int wanted = Math.Min(whole.Length - done, 256 / volume.ChunkBlocks) * volume.ChunkBlocks;
            if (!volume.Space.TryAllocateRun(wanted, volume.ChunkBlocks, mayUseReserve: false, out BlockAddress start, out int got))
                return false;
            int usable = got / volume.ChunkBlocks * volume.ChunkBlocks;
            if (usable < got)
                volume.Space.Free(new BlockAddress(start.Value + (ulong)usable), got - usable, volume.LiveGeneration);
            int written = 0;
            try
            {
                for (; written < usable; written += volume.ChunkBlocks)
                {
                    BlockAddress address = new(start.Value + (ulong)written);
                    whole[done] = _sealer.Write(address, data.Slice(done * volume.ChunkSize, volume.ChunkSize));
                    done++;
                }
            }
            finally
            {
                if (written < usable)
                    volume.Space.Free(new BlockAddress(start.Value + (ulong)written), usable - written, volume.LiveGeneration);
            }
        }

        return true;
    }
}
