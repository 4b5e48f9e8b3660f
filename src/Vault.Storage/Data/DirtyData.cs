using System.Numerics;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// File data that was written but not sealed yet: whole chunks in memory, bounded, each with the blocks in which it
/// will be sealed. Small overwrites of a chunk between two commits so cost one seal. None is left when a commit
/// freezes: blocks that no record names yet are never in a state on disk.
/// </summary>
internal sealed class DirtyData(Volume volume, InodeTable inodes, ChunkTable chunks, long limitBytes)
{
    private const int StripeCount = 64;
    private const int FlushBatch = 64;

    private readonly DataStripe[] _stripes = [.. Enumerable.Range(0, StripeCount).Select(i => new DataStripe(i))];
    private readonly ChunkSealer _sealer = new(volume);
    private long _dirtyBytes;
    private int _nextStripe;

    public bool HasAny => Volatile.Read(ref _dirtyBytes) > 0;

    public bool IsOverLimit => Volatile.Read(ref _dirtyBytes) > limitBytes;

    /// <summary>Whether there is something that the intent log has not. The caller holds the gate exclusively, here and in the next two.</summary>
    public bool HasUnlogged => _stripes.Any(stripe => stripe.UnloggedCount > 0);

    /// <summary>Writes down what the intent log has not seen yet.</summary>
    /// <returns>False: there is no room for all of it.</returns>
    public bool TryLog(ref LogRecordWriter records)
    {
        foreach (DataStripe stripe in _stripes)
        {
            if (stripe.UnloggedCount > 0 && !TryLog(stripe, ref records))
                return false;
        }

        return true;
    }

    /// <summary>The log has everything.</summary>
    public void MarkLogged()
    {
        foreach (DataStripe stripe in _stripes)
        {
            if (stripe.UnloggedCount == 0)
                continue;
            foreach (DirtyChunk chunk in stripe.Dirty.Values)
                chunk.MarkLogged(stripe);
        }
    }

    public DataStripe StripeOf(InodeNumber inode) => _stripes[(int)(inode.Value % StripeCount)];

    /// <summary>Adds a chunk. The caller holds the stripe exclusively.</summary>
    public void Add(DataStripe stripe, ChunkKey key, DirtyChunk chunk)
    {
        stripe.Dirty.Add(key, chunk);
        Interlocked.Add(ref _dirtyBytes, volume.ChunkSize);
    }

    /// <summary>Drops a chunk, if it is there, and frees its place. The caller holds the stripe and the tree's lock exclusively.</summary>
    public DirtyChunk? Drop(DataStripe stripe, ChunkKey key)
    {
        if (!stripe.Dirty.TryGetValue(key, out DirtyChunk? chunk))
            return null;
        if (!volume.Tree.Lock.IsWriteLockHeld)
            throw new InvalidOperationException("A chunk was dropped without the lock that guards what the log is to say.");
        volume.Changes?.Note(ChunkTable.KeyOf(new InodeNumber(key.Inode), key.Index)); // whoever replays drops it too
        Remove(stripe, key, chunk, usedBlocks: 0);
        return chunk;
    }

    /// <summary>Drops an inode's chunks from an index up to but not including another. The caller holds the stripe and the tree's lock exclusively.</summary>
    /// <returns>Blocks that the inode record counts for them beyond those of their stored forms.</returns>
    public long DropRange(DataStripe stripe, InodeNumber inode, long firstIndex, long endIndex)
    {
        long counted = 0;
        stripe.OrderDirty(inode, firstIndex, endIndex);
        foreach (ChunkKey key in stripe.FlushOrder)
        {
            DirtyChunk chunk = Drop(stripe, key)!;
            counted += chunk.CountedBlocks - chunk.StoredBlocks;
        }

        return counted;
    }

    /// <summary>Gives a chunk a place of at least <paramref name="blocks"/>. False: there is no space, and nothing has changed.</summary>
    public bool TryEnlargePlace(DirtyChunk chunk, int blocks, bool mayUseReserve)
    {
        blocks = Math.Max(blocks, chunk.LeastPlaceBlocks);
        if (chunk.PlaceBlocks >= blocks)
            return true;
        if (!volume.Space.TryAllocateRun(blocks, blocks, mayUseReserve, out BlockAddress place, out _))
            return false;
        if (chunk.PlaceBlocks > 0)
            volume.Space.Free(chunk.Place, chunk.PlaceBlocks, volume.LiveGeneration);
        chunk.Place = place;
        chunk.PlaceBlocks = blocks;
        return true;
    }

    /// <summary>Seals dirty chunks until memory is well below its limit. Called with no lock held, by a thread that wrote.</summary>
    public void Relieve()
    {
        for (int i = 0; i < StripeCount && Volatile.Read(ref _dirtyBytes) > limitBytes * 3 / 4; i++)
        {
            uint stripe = unchecked((uint)Interlocked.Increment(ref _nextStripe)) % StripeCount;
            FlushStripe(_stripes[stripe], takeGate: true);
        }
    }

    /// <summary>Seals all dirty chunks.</summary>
    /// <param name="gateIsExclusive">The caller holds the gate exclusively; else it is taken shared, batch by batch.</param>
    /// <exception cref="VaultException">NoSpace: what could not be sealed stays dirty.</exception>
    public void FlushAll(bool gateIsExclusive)
    {
        foreach (DataStripe stripe in _stripes)
            FlushStripe(stripe, takeGate: !gateIsExclusive);
    }

    /// <summary>Seals an inode's dirty chunks from an index up to but not including another. The caller holds the gate shared and the stripe exclusively.</summary>
    public void Flush(DataStripe stripe, InodeNumber inode, long firstIndex, long endIndex)
    {
        stripe.OrderDirty(inode, firstIndex, endIndex);
        for (int start = 0; start < stripe.FlushOrder.Count; start += FlushBatch)
            FlushInode(stripe, inode, start, Math.Min(FlushBatch, stripe.FlushOrder.Count - start));
    }

    /// <summary>Wipes what is left, unsealed. The caller is the only user.</summary>
    public void Discard()
    {
        foreach (DataStripe stripe in _stripes)
        {
            foreach (DirtyChunk chunk in stripe.Dirty.Values)
                PinnedBufferPool.Shared.Return(chunk.Buffer);
            stripe.Dirty.Clear();
            stripe.Lock.Dispose();
        }
    }

    private static bool TryLog(DataStripe stripe, ref LogRecordWriter records)
    {
        foreach ((ChunkKey key, DirtyChunk chunk) in stripe.Dirty)
        {
            // Beyond its place a chunk is all zeros.
            ulong blocks = chunk.Unlogged & ((1UL << chunk.PlaceBlocks) - 1);
            while (blocks != 0)
            {
                int first = BitOperations.TrailingZeroCount(blocks);
                int count = BitOperations.TrailingZeroCount(~(blocks >> first));
                LoggedChunk logged = new(first, chunk.CountedBlocks, chunk.PlaceBlocks, chunk.IsFresh);
                ReadOnlySpan<byte> content = chunk.Content.Slice(first * ContainerLayout.BlockSize, count * ContainerLayout.BlockSize);
                if (!records.TryData(ChunkTable.KeyOf(new InodeNumber(key.Inode), key.Index), logged, content))
                    return false;
                blocks &= ~(((1UL << count) - 1) << first);
            }
        }

        return true;
    }

    private void FlushStripe(DataStripe stripe, bool takeGate)
    {
        bool more = true;
        while (more && volume.Failure is null)
        {
            if (takeGate)
                volume.Gate.EnterReadLock();
            stripe.Lock.EnterWriteLock();
            try
            {
                stripe.FlushOrder.Clear();
                stripe.FlushOrder.AddRange(stripe.Dirty.Keys);
                stripe.FlushOrder.Sort();
                more = stripe.FlushOrder.Count > FlushBatch;
                if (more)
                    stripe.FlushOrder.RemoveRange(FlushBatch, stripe.FlushOrder.Count - FlushBatch);
                FlushBatches(stripe);
            }
            finally
            {
                stripe.Lock.ExitWriteLock();
                if (takeGate)
                    volume.Gate.ExitReadLock();
            }
        }
    }

    private void FlushBatches(DataStripe stripe)
    {
        List<ChunkKey> order = stripe.FlushOrder;
        int start = 0;
        while (start < order.Count)
        {
            int end = start + 1;
            while (end < order.Count && order[end].Inode == order[start].Inode)
                end++;
            FlushInode(stripe, new InodeNumber(order[start].Inode), start, end - start);
            start = end;
        }
    }

    private void FlushInode(DataStripe stripe, InodeNumber inode, int start, int count)
    {
        volume.Tree.Lock.EnterReadLock();
        bool exists;
        InodeRecord record;
        try
        {
            exists = inodes.TryGet(inode, out record);
        }
        finally
        {
            volume.Tree.Lock.ExitReadLock();
        }

        if (!exists)
            throw new VaultCorruptionException(new CorruptionSite("inode record", 0, "presence")); // it was there when the chunk was written
        Span<BlockPointer> pointers = stackalloc BlockPointer[count];
        int done = 0;
        try
        {
            for (; done < count; done++)
                pointers[done] = SealChunk(stripe, stripe.FlushOrder[start + done], record.Size);
        }
        finally
        {
            // What was sealed before a failure is as good as the rest.
            if (done > 0)
                Record(stripe, inode, start, pointers[..done]);
        }
    }

    private BlockPointer SealChunk(DataStripe stripe, ChunkKey key, long fileSize)
    {
        long left = fileSize - (key.Index * volume.ChunkSize);
        if (left <= 0)
            throw new VaultCorruptionException(new CorruptionSite("inode record", 0, "size")); // another record than the one that was written to
        DirtyChunk chunk = stripe.Dirty[key];
        if (!TryEnlargePlace(chunk, chunk.LeastPlaceBlocks, mayUseReserve: true))
            throw new VaultException(VaultFailure.NoSpace, "No space left on the host for what was synced before a crash; the log keeps it.");
        int blocks = Math.Min(chunk.PlaceBlocks, ContainerLayout.BlocksFor(Math.Min(left, volume.ChunkSize)));
        return _sealer.Write(chunk.Place, chunk.Buffer.AsSpan(0, blocks * ContainerLayout.BlockSize));
    }

    private void Record(DataStripe stripe, InodeNumber inode, int start, ReadOnlySpan<BlockPointer> pointers)
    {
        using TreeChange change = volume.BeginChange();
        inodes.TryGet(inode, out InodeRecord record);
        for (int i = 0; i < pointers.Length; i++)
        {
            ChunkKey key = stripe.FlushOrder[start + i];
            BlockPointer old = chunks.Exchange(inode, key.Index, pointers[i]);
            if (!old.IsNone)
                volume.Shared.Release(old);
            DirtyChunk chunk = stripe.Dirty[key];
            record.DataBlocks += pointers[i].BlockCount - chunk.CountedBlocks;
            Remove(stripe, key, chunk, usedBlocks: pointers[i].BlockCount);
        }

        inodes.Put(inode, record);
        change.Complete();
    }

    // What of its place the chunk did not use is free again at once: no state has seen it.
    private void Remove(DataStripe stripe, ChunkKey key, DirtyChunk chunk, int usedBlocks)
    {
        chunk.MarkLogged(stripe);
        stripe.Dirty.Remove(key);
        PinnedBufferPool.Shared.Return(chunk.Buffer);
        Interlocked.Add(ref _dirtyBytes, -volume.ChunkSize);
        if (usedBlocks < chunk.PlaceBlocks)
            volume.Space.Free(new BlockAddress(chunk.Place.Value + (ulong)usedBlocks), chunk.PlaceBlocks - usedBlocks, volume.LiveGeneration);
    }
}
