using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// Changes file content. Whole chunks are sealed straight from the caller's buffer; parts of chunks are collected in
/// <see cref="DirtyData"/>; small files live in the tree.
/// </summary>
internal sealed class FileWriter(Volume volume, DirtyData dirty, InodeTable inodes, ChunkTable chunks)
{
    /// <summary>The largest file: chunk indexes stay far below 2^56.</summary>
    public const long MaxFileSize = 1L << 53;

    private const int MaxBytesAtOnce = 1 << 20;
    private const long TruncateStep = 4L << 30;

    private readonly ChunkSealer _sealer = new(volume);

    /// <summary>What else changes in an inode record together with its size.</summary>
    public delegate void RecordChange(ref InodeRecord record);

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

    /// <summary>Cuts or extends a file, in steps if much goes, each step a whole operation.</summary>
    /// <param name="inode">A regular file.</param>
    /// <param name="newSize">Bytes.</param>
    /// <param name="lastChange">Is applied to the record together with the last step.</param>
    /// <param name="record">The record as it is then.</param>
    public Errno Truncate(InodeNumber inode, long newSize, RecordChange lastChange, out InodeRecord record)
    {
        if (newSize > MaxFileSize)
        {
            record = default;
            return Errno.EFBIG;
        }

        while (true)
        {
            volume.Gate.EnterReadLock();
            DataStripe stripe = dirty.StripeOf(inode);
            stripe.Lock.EnterWriteLock();
            try
            {
                Errno outcome = GetRegularFile(inode, out record);
                if (outcome != Errno.None)
                    return outcome;
                long step = Math.Max(newSize, record.Size - TruncateStep);
                bool isLast = step == newSize || record.DataBlocks == 0;
                SetSize(stripe, inode, ref record, isLast ? newSize : step, isLast ? lastChange : null);
                if (isLast)
                    return Errno.None;
            }
            finally
            {
                stripe.Lock.ExitWriteLock();
                volume.Gate.ExitReadLock();
            }
        }
    }

    /// <summary>Deletes an inode's content in steps and then calls <paramref name="last"/> in the last step's tree section.</summary>
    /// <param name="inode">An inode that nobody can reach any more.</param>
    /// <param name="last">Removes the inode itself.</param>
    public void Purge(InodeNumber inode, Action<InodeNumber> last)
    {
        const int ChunksAtOnce = 4096;
        bool more = true;
        while (more && !volume.RefusesChanges)
        {
            volume.Gate.EnterReadLock();
            DataStripe stripe = dirty.StripeOf(inode);
            stripe.Lock.EnterWriteLock();
            try
            {
                dirty.DropFrom(stripe, inode, 0);
                using TreeChange change = volume.BeginChange();
                more = chunks.RemoveFrom(inode, 0, ChunksAtOnce, FreeChunk) > 0;
                if (!more)
                    last(inode);

                change.Complete();
            }
            finally
            {
                stripe.Lock.ExitWriteLock();
                volume.Gate.ExitReadLock();
            }
        }
    }

    private void FreeChunk(BlockPointer pointer) => volume.Space.Free(pointer);

    private Errno GetRegularFile(InodeNumber inode, out InodeRecord record)
    {
        volume.Tree.Lock.EnterReadLock();
        try
        {
            if (!inodes.TryGet(inode, out record))
                return Errno.ENOENT;
            if (!record.IsRegularFile)
                return record.IsDirectory ? Errno.EISDIR : Errno.EINVAL;
            return Errno.None;
        }
        finally
        {
            volume.Tree.Lock.ExitReadLock();
        }
    }

    private Errno WritePiece(InodeNumber inode, long offset, ReadOnlySpan<byte> data, bool updateTimes, bool clearSetIds)
    {
        volume.Gate.EnterReadLock();
        DataStripe stripe = dirty.StripeOf(inode);
        stripe.Lock.EnterWriteLock();
        try
        {
            Errno outcome = GetRegularFile(inode, out InodeRecord record);
            if (outcome != Errno.None || data.IsEmpty)
                return outcome;
            if (updateTimes)
                record.ModifyTime = record.ChangeTime = volume.Clock.Now;
            if (clearSetIds)
                record.ClearSetIds();
            long newSize = Math.Max(record.Size, offset + data.Length);
            return newSize <= LeafPage.MaxValueSize && record.DataBlocks == 0
                ? WriteInline(inode, ref record, (int)offset, data)
                : WriteChunks(stripe, inode, ref record, offset, data);
        }
        finally
        {
            stripe.Lock.ExitWriteLock();
            volume.Gate.ExitReadLock();
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
            int length = (record.Flags & InodeFlags.IsInline) != 0 ? chunks.GetInline(inode, rented) : 0;
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

    private Errno WriteChunks(DataStripe stripe, InodeNumber inode, ref InodeRecord record, long offset, ReadOnlySpan<byte> data)
    {
        if ((record.Flags & InodeFlags.IsInline) != 0 && !TryConvertInline(stripe, inode, ref record))
            return Errno.ENOSPC;
        ChunkSpan span = new(offset, data.Length, volume.ChunkSize);
        Span<BlockPointer> whole = stackalloc BlockPointer[span.WholeCount];
        whole.Clear();
        long blocks = (long)whole.Length * volume.ChunkBlocks;
        if (!volume.Space.TryReserve(blocks))
            return Errno.ENOSPC;
        bool isDone = false;
        DirtyChunk? head = null;
        DirtyChunk? tail = null;
        long newBlocks = 0;
        try
        {
            if ((span.HasHead && (head = GetOrLoad(stripe, inode, span.FirstIndex, ref newBlocks)) is null)
                || (span.HasTail && (tail = GetOrLoad(stripe, inode, span.LastIndex, ref newBlocks)) is null)
                || !TrySealWhole(data[span.HeadLength..], whole))
            {
                return Errno.ENOSPC;
            }

            using TreeChange change = volume.BeginChange();
            for (int i = 0; i < whole.Length; i++)
                newBlocks += ReplaceChunk(stripe, inode, span.FirstWhole + i, whole[i]);
            record.DataBlocks += newBlocks;
            record.Size = Math.Max(record.Size, offset + data.Length);
            inodes.Put(inode, record);
            change.Complete();
            isDone = true;
        }
        finally
        {
            volume.Space.Unreserve(blocks);
            if (!isDone && volume.Failure is null)
                Undo(stripe, inode, span, whole);
        }

        if (head is not null)
        {
            data[..span.HeadLength].CopyTo(head.Buffer.AsSpan(span.HeadStart));
            head.IsCounted = true;
        }

        if (tail is not null)
        {
            data[^span.TailLength..].CopyTo(tail.Buffer);
            tail.IsCounted = true;
        }

        return Errno.None;
    }

    // Nothing of a write that failed remains: sealed chunks are freed; chunks loaded for it hold what is stored.
    private void Undo(DataStripe stripe, InodeNumber inode, in ChunkSpan span, ReadOnlySpan<BlockPointer> whole)
    {
        foreach (BlockPointer pointer in whole)
        {
            if (!pointer.IsNone)
                volume.Space.Free(pointer);
        }

        if (span.HasHead)
            DropIfUncounted(stripe, inode, span.FirstIndex);
        if (span.HasTail)
            DropIfUncounted(stripe, inode, span.LastIndex);
    }

    // A chunk that was a hole is counted in the record only when the write succeeds.
    private void DropIfUncounted(DataStripe stripe, InodeNumber inode, long index)
    {
        ChunkKey key = new(inode.Value, index);
        if (stripe.Dirty.TryGetValue(key, out DirtyChunk? chunk) && !chunk.IsCounted)
            dirty.Drop(stripe, key);
    }

    private long ReplaceChunk(DataStripe stripe, InodeNumber inode, long index, in BlockPointer pointer)
    {
        BlockPointer old = chunks.Exchange(inode, index, pointer);
        if (!old.IsNone)
            volume.Space.Free(old);
        DirtyChunk? dropped = dirty.Drop(stripe, new ChunkKey(inode.Value, index));
        return pointer.BlockCount - (dropped?.CountedBlocks ?? (old.IsNone ? 0 : old.BlockCount));
    }

    private bool TrySealWhole(ReadOnlySpan<byte> data, Span<BlockPointer> whole)
    {
        int done = 0;
        while (done < whole.Length)
        {
            int wanted = Math.Min(whole.Length - done, 256 / volume.ChunkBlocks) * volume.ChunkBlocks;
            if (!volume.Space.TryAllocateRun(wanted, volume.ChunkBlocks, out BlockAddress start, out int got))
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

    // The chunk in memory, with what is stored of it; null if no space can be reserved.
    private DirtyChunk? GetOrLoad(DataStripe stripe, InodeNumber inode, long index, ref long newBlocks)
    {
        ChunkKey key = new(inode.Value, index);
        if (stripe.Dirty.TryGetValue(key, out DirtyChunk? chunk))
            return chunk;
        if (!volume.Space.TryReserve(volume.ChunkBlocks))
            return null;
        chunk = Load(stripe, inode, index);
        if (!chunk.IsCounted)
            newBlocks += chunk.CountedBlocks;
        return chunk;
    }

    private DirtyChunk Load(DataStripe stripe, InodeNumber inode, long index)
    {
        byte[] buffer = PinnedBufferPool.Shared.Rent(volume.ChunkSize);
        try
        {
            bool isStored = TryGetPointer(inode, index, out BlockPointer pointer);
            if (isStored)
                _sealer.Read(pointer, buffer.AsSpan(0, volume.ChunkSize));
            DirtyChunk chunk = new(buffer, isStored ? pointer.BlockCount : volume.ChunkBlocks, isStored);
            dirty.Add(stripe, new ChunkKey(inode.Value, index), chunk);
            return chunk;
        }
        catch
        {
            volume.Space.Unreserve(volume.ChunkBlocks);
            PinnedBufferPool.Shared.Return(buffer);
            throw;
        }
    }

    private bool TryGetPointer(InodeNumber inode, long index, out BlockPointer pointer)
    {
        volume.Tree.Lock.EnterReadLock();
        try
        {
            return chunks.TryGet(inode, index, out pointer);
        }
        finally
        {
            volume.Tree.Lock.ExitReadLock();
        }
    }

    // A small file that grows becomes chunk 0, in memory.
    private bool TryConvertInline(DataStripe stripe, InodeNumber inode, ref InodeRecord record)
    {
        if (!volume.Space.TryReserve(volume.ChunkBlocks))
            return false;
        byte[]? buffer = PinnedBufferPool.Shared.Rent(volume.ChunkSize);
        try
        {
            using TreeChange change = volume.BeginChange();
            chunks.GetInline(inode, buffer);
            chunks.RemoveInline(inode);
            record.Flags &= ~InodeFlags.IsInline;
            record.DataBlocks = volume.ChunkBlocks;
            inodes.Put(inode, record);
            change.Complete();
            dirty.Add(stripe, new ChunkKey(inode.Value, 0), new DirtyChunk(buffer, volume.ChunkBlocks, isStored: false) { IsCounted = true });
            buffer = null;
            return true;
        }
        finally
        {
            if (buffer is not null)
            {
                PinnedBufferPool.Shared.Return(buffer);
                volume.Space.Unreserve(volume.ChunkBlocks);
            }
        }
    }

    private void SetSize(DataStripe stripe, InodeNumber inode, ref InodeRecord record, long newSize, RecordChange? lastChange)
    {
        bool shrinks = newSize < record.Size;
        bool isInline = (record.Flags & InodeFlags.IsInline) != 0;
        int keep = (int)(newSize % volume.ChunkSize);
        DirtyChunk? cut = shrinks && !isInline && keep != 0 ? LoadStored(stripe, inode, newSize / volume.ChunkSize) : null;
        using TreeChange change = volume.BeginChange();
        if (shrinks && isInline)
            CutInline(inode, ref record, newSize);
        else if (shrinks)
            RemoveChunksFrom(stripe, inode, ref record, (newSize + volume.ChunkSize - 1) / volume.ChunkSize);
        if (newSize == 0)
            record.DataBlocks = 0;
        record.Size = newSize;
        lastChange?.Invoke(ref record);
        inodes.Put(inode, record);
        change.Complete();

        // The chunk through which the end goes is sealed again with zeros behind it: a later extension must read zeros.
        cut?.Buffer.AsSpan(keep, volume.ChunkSize - keep).Clear();
    }

    // The chunk in memory, or null if it is a hole.
    private DirtyChunk? LoadStored(DataStripe stripe, InodeNumber inode, long index)
    {
        if (stripe.Dirty.TryGetValue(new ChunkKey(inode.Value, index), out DirtyChunk? chunk))
            return chunk;
        if (!TryGetPointer(inode, index, out _))
            return null;
        volume.Space.Reserve(volume.ChunkBlocks); // cutting works on a full host too: it frees more than it takes
        return Load(stripe, inode, index);
    }

    private void CutInline(InodeNumber inode, ref InodeRecord record, long newSize)
    {
        if (newSize == 0)
        {
            chunks.RemoveInline(inode);
            record.Flags &= ~InodeFlags.IsInline;
            return;
        }

        byte[] rented = PinnedBufferPool.Shared.Rent(LeafPage.MaxValueSize);
        int length = chunks.GetInline(inode, rented);
        if (length > newSize)
            chunks.PutInline(inode, rented.AsSpan(0, (int)newSize));
        PinnedBufferPool.Shared.Return(rented);
    }

    private void RemoveChunksFrom(DataStripe stripe, InodeNumber inode, ref InodeRecord record, long firstGone)
    {
        // A chunk that is both stored and dirty is counted once, by its stored form.
        long stored = 0;
        chunks.RemoveFrom(inode, firstGone, int.MaxValue, pointer =>
        {
            stored += pointer.BlockCount;
            volume.Space.Free(pointer);
        });
        record.DataBlocks -= stored + dirty.DropFrom(stripe, inode, firstGone);
    }
}
