using Vault.Crypto;

namespace Vault.Storage;

/// <summary>What writing and cutting share: a file's record, and its chunks in memory. The caller holds the gate shared and the stripe exclusively.</summary>
internal sealed class ContentAccess(Volume volume, DirtyData dirty, InodeTable inodes, ChunkTable chunks)
{
    private readonly ChunkSealer _sealer = new(volume);
    private readonly LostContent _lost = new(volume.Tree);

    public Errno GetRegularFile(InodeNumber inode, out InodeRecord record)
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

    public bool TryGetPointer(InodeNumber inode, long index, out BlockPointer pointer)
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

    /// <summary>The index of a file's last stored chunk; -1 if none is stored at <paramref name="firstIndex"/> or behind it.</summary>
    /// <param name="inode">The file.</param>
    /// <param name="firstIndex">Where the search ends.</param>
    /// <param name="atOnce">How many chunks one step may let go of.</param>
    public long LastIndex(InodeNumber inode, long firstIndex, out int atOnce)
    {
        volume.Tree.Lock.EnterReadLock();
        try
        {
            atOnce = volume.Shared.ReleasedAtOnce;
            return chunks.LastIndex(inode, firstIndex);
        }
        finally
        {
            volume.Tree.Lock.ExitReadLock();
        }
    }

    /// <summary>Whether a chunk, if it is stored, authenticates.</summary>
    public bool IsReadable(DataStripe stripe, InodeNumber inode, long index)
    {
        if (stripe.Dirty.ContainsKey(new ChunkKey(inode.Value, index)) || !TryGetPointer(inode, index, out BlockPointer pointer))
            return true;
        byte[] buffer = PinnedBufferPool.Shared.Rent(volume.ChunkSize);
        try
        {
            _sealer.Read(pointer, buffer.AsSpan(0, volume.ChunkSize));
            return true;
        }
        catch (VaultCorruptionException)
        {
            return false;
        }
        finally
        {
            PinnedBufferPool.Shared.Return(buffer);
        }
    }

    /// <summary>The chunk in memory with what is stored of it, and with a place of at least <paramref name="blocks"/>.</summary>
    /// <param name="stripe">The inode's.</param>
    /// <param name="inode">A regular file.</param>
    /// <param name="index">The chunk.</param>
    /// <param name="blocks">Blocks that hold all its bytes after the change to come.</param>
    /// <param name="mayUseReserve">Whether what is kept for commits and deletions may be used.</param>
    /// <param name="isOverwritten">Whether the change to come covers all that the file has there: what is stored is not read, and may be damaged.</param>
    /// <returns>Null: there is no space, and nothing has changed.</returns>
    /// <exception cref="VaultCorruptionException">What is stored cannot be read.</exception>
    public DirtyChunk? GetOrLoad(DataStripe stripe, InodeNumber inode, long index, int blocks, bool mayUseReserve, bool isOverwritten)
    {
        if (stripe.Dirty.TryGetValue(new ChunkKey(inode.Value, index), out DirtyChunk? chunk))
            return TryEnlargePlace(chunk, blocks, mayUseReserve) ? chunk : null;
        bool isStored = TryGetPointer(inode, index, out BlockPointer pointer);
        byte[] buffer = PinnedBufferPool.Shared.Rent(volume.ChunkSize);
        try
        {
            if (isStored && !isOverwritten)
                _sealer.Read(pointer, buffer.AsSpan(0, volume.ChunkSize));
            chunk = new DirtyChunk(buffer, isStored ? pointer.BlockCount : 0) { IsBlank = isOverwritten, IsFresh = isOverwritten || !isStored };
            if (!TryEnlargePlace(chunk, Math.Max(blocks, chunk.StoredBlocks), mayUseReserve))
                return null;
            dirty.Add(stripe, new ChunkKey(inode.Value, index), chunk);
            buffer = null!;
            return chunk;
        }
        finally
        {
            if (buffer is not null)
                PinnedBufferPool.Shared.Return(buffer);
        }
    }

    /// <summary>Gives a chunk a place of at least <paramref name="blocks"/>. False: there is no space, and nothing has changed.</summary>
    public bool TryEnlargePlace(DirtyChunk chunk, int blocks, bool mayUseReserve) => dirty.TryEnlargePlace(chunk, blocks, mayUseReserve);

    /// <summary>Makes chunk 0, in memory, of what is inline. False: there is no space, and nothing has changed.</summary>
    public bool TryConvertInline(DataStripe stripe, InodeNumber inode, ref InodeRecord record)
    {
        DirtyChunk chunk = new(PinnedBufferPool.Shared.Rent(volume.ChunkSize), storedBlocks: 0) { IsFresh = true };
        bool isDone = false;
        try
        {
            if (!TryEnlargePlace(chunk, 1, mayUseReserve: false))
                return false;
            using TreeChange change = volume.BeginChange();
            if (!chunks.HasInline(inode))
            {
                // Lost: the chunk that takes its place is too, until it is overwritten.
                _lost.Add(inode, 0, 0, ref record);
                record.Flags &= ~InodeFlags.IsInline;
                inodes.Put(inode, record);
                change.Complete();
                return true;
            }

            int length = chunks.GetInline(inode, chunk.Buffer);
            chunks.RemoveInline(inode);
            record.Flags &= ~InodeFlags.IsInline;
            record.DataBlocks = chunk.CountedBlocks = 1;
            inodes.Put(inode, record);
            change.Complete();
            dirty.Add(stripe, new ChunkKey(inode.Value, 0), chunk);
            _ = chunk.Change(stripe, 0, length);
            isDone = true;
            return true;
        }
        finally
        {
            if (!isDone)
                PinnedBufferPool.Shared.Return(chunk.Buffer);
            if (!isDone && chunk.PlaceBlocks > 0 && volume.Failure is null)
                volume.Space.Free(chunk.Place, chunk.PlaceBlocks, volume.LiveGeneration);
        }
    }
}
