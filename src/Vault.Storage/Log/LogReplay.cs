using Microsoft.Extensions.Logging;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// Does again what the intent log says, over the state that was opened, before anybody uses it. A session that cannot write
/// does it in memory alone. Data stays unsealed until all is done: what the log says of a chunk goes on from what it said before,
/// and its session, whose sealed chunks it names, held no more of them at a time than it was allowed.
/// </summary>
internal sealed class LogReplay(Volume volume, DirtyData dirty, ContentAccess content, LogScan scan)
{
    private readonly ChunkSealer _sealer = new(volume);
    private readonly List<(TreeKey Key, BlockPointer Pointer)> _lastNamed = [];
    private readonly Dictionary<ChunkKey, int> _placeBlocks = [];

    /// <summary>Replays all appends.</summary>
    /// <returns>How many syncs that were.</returns>
    /// <exception cref="VaultException">Corrupted: a page is damaged that they change.</exception>
    public int Run()
    {
        if (scan.Segments.Count == 0)
            return 0;
        byte[] buffer = PinnedBufferPool.Shared.Rent(LogWriter.MaxAppendBytes);
        try
        {
            if (scan.Appends.Count > 0 && !IsWhole(scan.Appends[^1], buffer))
            {
                scan.DropLast();
                _lastNamed.Clear();
            }

            // All that is named is used before anything finds itself a place, also what is named as free: it is so from its record on,
            // and was held back when it was written.
            foreach (LogSegment segment in scan.Segments)
                volume.Space.Adopt(segment);
            foreach (LogAppend append in scan.Appends)
                Adopt(append, buffer);
            foreach (LogAppend append in scan.Appends)
                Apply(append, buffer);
            volume.Space.LogNamesLiveBlocks();
            FindPlaces();
            MoveLastNamed();
            return scan.Appends.Count;
        }
        finally
        {
            PinnedBufferPool.Shared.Return(buffer);
        }
    }

    // The last append was written together with the chunks that it names: a power loss may have kept one and not the other.
    private bool IsWhole(in LogAppend append, Span<byte> buffer)
    {
        LogRecordReader records = new(scan.Read(append, buffer, out _), append.Place.OffsetBytes);
        byte[] chunk = PinnedBufferPool.Shared.Rent(volume.ChunkSize);
        try
        {
            while (records.MoveNext(out LogRecord record))
            {
                if (!NamesChunk(record, out BlockPointer pointer) || IsStored(record))
                    continue;
                if (!IsReadable(pointer, chunk))
                    return false;
                _lastNamed.Add((record.Key, pointer));
            }

            return true;
        }
        finally
        {
            PinnedBufferPool.Shared.Return(chunk);
        }
    }

    // Once for each chunk, when all is known: on the way they would take more than the session did. A host that is full now may have no
    // room for all of them, since nobody knows any more which free blocks it has given: then commits fail until it has.
    private void FindPlaces()
    {
        if (volume.IsReadOnly)
            return;
        foreach ((ChunkKey key, int blocks) in _placeBlocks.OrderByDescending(p => p.Value).ThenBy(p => p.Key))
        {
            if (!dirty.StripeOf(new InodeNumber(key.Inode)).Dirty.TryGetValue(key, out DirtyChunk? chunk))
                continue;
            chunk.LeastPlaceBlocks = blocks;
            if (!content.TryEnlargePlace(chunk, blocks, mayUseReserve: false))
                volume.Logger?.LogWarning("The host has no space for a chunk that was synced before a crash: nothing can be committed until it has.");
        }
    }

    // The session may have ended because the flush after the last append failed. Then the host shows what it has dropped, and writes it
    // only if it is told to once more: what the next sync promises must not lie there. In another place, since the append stands
    // until then. Without space for that it stays where it is.
    private void MoveLastNamed()
    {
        if (volume.IsReadOnly)
            return;
        byte[] rented = PinnedBufferPool.Shared.Rent(volume.ChunkSize);
        try
        {
            foreach ((TreeKey key, BlockPointer pointer) in _lastNamed)
            {
                InodeNumber inode = new(key.Object);
                if (dirty.StripeOf(inode).Dirty.ContainsKey(new ChunkKey(key.Object, (long)key.Item)))
                    continue; // it is to be sealed anyway
                bool isInUse = content.TryGetPointer(inode, (long)key.Item, out BlockPointer now) && now.Stamp == pointer.Stamp && now.Address == pointer.Address;
                if (!isInUse || !volume.Space.TryAllocateRun(pointer.BlockCount, pointer.BlockCount, mayUseReserve: true, out BlockAddress place, out _))
                    continue;
                _sealer.Read(pointer, rented.AsSpan(0, volume.ChunkSize));
                BlockPointer moved = _sealer.Write(place, rented.AsSpan(0, pointer.SizeOfUnit));
                using TreeChange change = volume.BeginOperation();
                new ChunkTable(volume.Tree).Exchange(inode, (long)key.Item, moved);
                volume.Shared.Release(now);
                change.Complete();
            }
        }
        finally
        {
            PinnedBufferPool.Shared.Return(rented);
        }
    }

    // What the opened state has already is as whole as it is.
    private bool IsStored(in LogRecord record)
    {
        Span<byte> value = stackalloc byte[ChunkRecord.SizeBytes];
        volume.Tree.Lock.EnterReadLock();
        try
        {
            return volume.Tree.TryGet(record.Key, value, out int length) && record.Bytes.SequenceEqual(value[..length]);
        }
        finally
        {
            volume.Tree.Lock.ExitReadLock();
        }
    }

    private bool IsReadable(in BlockPointer pointer, byte[] chunk)
    {
        try
        {
            _sealer.Read(pointer, chunk.AsSpan(0, volume.ChunkSize));
            return true;
        }
        catch (VaultCorruptionException)
        {
            return false;
        }
    }

    public static bool NamesChunk(in LogRecord record, out BlockPointer pointer)
    {
        pointer = default;
        return record.Kind == LogRecordKind.Put && record.Key.Table == TableId.Chunks && ChunkRecord.TryRead(record.Bytes, out pointer);
    }

    private void Adopt(in LogAppend append, Span<byte> buffer)
    {
        LogRecordReader records = new(scan.Read(append, buffer, out _), append.Place.OffsetBytes);
        while (records.MoveNext(out LogRecord record))
        {
            if (NamesChunk(record, out BlockPointer pointer))
                volume.Space.Adopt(new LogSegment(pointer.Address, pointer.BlockCount));
            else if (record.Kind == LogRecordKind.Free)
                volume.Space.Adopt(record.Run);
            else if (record.Kind == LogRecordKind.Data
                && (!ChunkTable.IsPossible(record.Key, volume.ChunkSize) || (record.Chunk.FirstBlock * ContainerLayout.BlockSize) + record.Bytes.Length > volume.ChunkSize))
                throw new VaultCorruptionException(new CorruptionSite("intent log", append.Place.OffsetBytes, "length"));
        }
    }

    private void Apply(in LogAppend append, Span<byte> buffer)
    {
        ReadOnlySpan<byte> records = scan.Read(append, buffer, out LogHeader header);
        using (TreeChange change = volume.BeginOperation())
        {
            LogRecordReader reader = new(records, append.Place.OffsetBytes);
            while (reader.MoveNext(out LogRecord record))
                ApplyToTree(record);
            change.Complete();
        }

        LogRecordReader data = new(records, append.Place.OffsetBytes);
        while (data.MoveNext(out LogRecord record))
        {
            if (record.Kind == LogRecordKind.Data)
                ApplyData(record);
        }

        if (header.NextInode > volume.NextInode && header.NextInode < InodeNumber.MaxValue)
            volume.SetNextInode(header.NextInode);
        if (header.InodeCount < long.MaxValue)
            volume.SetInodeCount((long)header.InodeCount);
    }

    private void ApplyToTree(in LogRecord record)
    {
        switch (record.Kind)
        {
            case LogRecordKind.Put:
                DropDirty(record.Key);
                Put(record);
                break;
            case LogRecordKind.Remove:
                DropDirty(record.Key);
                volume.Tree.Remove(record.Key);
                break;
            case LogRecordKind.Free:
                volume.Space.FreeLogged(record.Run);
                break;
            default:
                break; // data comes after the tree; a segment that follows was followed
        }
    }

    // A chunk that was written during a commit may be of a generation that this session has still to make: it would take the chunk
    // for one that no state names.
    private void Put(in LogRecord record)
    {
        if (!NamesChunk(record, out BlockPointer pointer) || pointer.Birth <= volume.LiveGeneration)
        {
            volume.Tree.Put(record.Key, record.Bytes);
            return;
        }

        Span<byte> value = stackalloc byte[ChunkRecord.SizeBytes];
        ChunkRecord.Write(value, pointer with { Birth = volume.LiveGeneration });
        volume.Tree.Put(record.Key, value);
    }

    private void DropDirty(in TreeKey key)
    {
        if (key.Table == TableId.Chunks && ChunkTable.IsPossible(key, volume.ChunkSize))
            dirty.Drop(dirty.StripeOf(new InodeNumber(key.Object)), new ChunkKey(key.Object, (long)key.Item));
    }

    private void ApplyData(in LogRecord record)
    {
        int start = record.Chunk.FirstBlock * ContainerLayout.BlockSize;
        InodeNumber inode = new(record.Key.Object);
        DataStripe stripe = dirty.StripeOf(inode);
        ChunkKey key = new(record.Key.Object, (long)record.Key.Item);
        if (!stripe.Dirty.TryGetValue(key, out DirtyChunk? chunk) && (chunk = Load(stripe, inode, key, record.Chunk)) is null)
            return;
        _placeBlocks[key] = Math.Max(record.Chunk.PlaceBlocks, chunk.StoredBlocks);
        record.Bytes.CopyTo(chunk.Change(stripe, start, record.Bytes.Length));
        chunk.CountedBlocks = record.Chunk.CountedBlocks;
    }

    // Null: what is stored of the chunk is damaged, and what was written over a part of it is of no use.
    private DirtyChunk? Load(DataStripe stripe, InodeNumber inode, in ChunkKey key, in LoggedChunk logged)
    {
        byte[] buffer = PinnedBufferPool.Shared.Rent(volume.ChunkSize);
        bool isStored = content.TryGetPointer(inode, key.Index, out BlockPointer pointer);
        try
        {
            if (isStored && !logged.IsFresh)
                _sealer.Read(pointer, buffer.AsSpan(0, volume.ChunkSize));
        }
        catch (VaultCorruptionException e)
        {
            PinnedBufferPool.Shared.Return(buffer);
            volume.Logger?.LogError("A part of a damaged chunk was overwritten before a crash: {Reason}", e.Message);
            return null;
        }

        if (!isStored && !logged.IsFresh)
        {
            PinnedBufferPool.Shared.Return(buffer); // its record was on a page that a repair took out: the rest of it is lost, and not zeros
            return null;
        }

        DirtyChunk chunk = new(buffer, isStored ? pointer.BlockCount : 0) { IsFresh = logged.IsFresh || !isStored };
        dirty.Add(stripe, key, chunk);
        return chunk;
    }
}
