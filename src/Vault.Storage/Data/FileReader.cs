using Vault.Crypto;

namespace Vault.Storage;

/// <summary>Reads file content: dirty chunks from memory, sealed ones straight into the caller's buffer, holes as zeros.</summary>
internal sealed class FileReader(Volume volume, DirtyData dirty, InodeTable inodes, ChunkTable chunks)
{
    private const int MaxBytesAtOnce = 1 << 20;

    private readonly ChunkSealer _sealer = new(volume);
    private readonly LostContent _lost = new(volume.Tree);

    public Errno Read(InodeNumber inode, long offset, Span<byte> destination, out int count)
    {
        count = 0;
        while (true)
        {
            int piece = Math.Min(destination.Length - count, MaxBytesAtOnce);
            Errno outcome = ReadPiece(inode, offset + count, destination[count..], piece, out int done);
            count += done;
            if (outcome != Errno.None || done < piece || count == destination.Length)
                return outcome;
        }
    }

    private Errno ReadPiece(InodeNumber inode, long offset, Span<byte> destination, int wanted, out int count)
    {
        DataStripe stripe = dirty.StripeOf(inode);
        stripe.Lock.EnterReadLock();
        try
        {
            count = 0;
            long first = offset / volume.ChunkSize;
            int chunkCount = (int)(((offset + Math.Max(wanted, 1) - 1) / volume.ChunkSize) - first + 1);
            Span<BlockPointer> pointers = stackalloc BlockPointer[chunkCount];
            volume.Tree.Lock.EnterReadLock();
            try
            {
                if (!inodes.TryGet(inode, out InodeRecord record))
                    return Errno.ENOENT;
                if (!record.IsRegularFile)
                    return record.IsDirectory ? Errno.EISDIR : Errno.EINVAL;
                count = (int)Math.Clamp(record.Size - offset, 0, wanted);
                if (count == 0)
                    return Errno.None;
                if ((record.Flags & InodeFlags.IsInline) != 0)
                {
                    ReadInline(inode, offset, destination[..count]);
                    return Errno.None;
                }

                _lost.ThrowIfLost(record, inode, first, (offset + count - 1) / volume.ChunkSize);
                chunks.GetRange(inode, first, pointers);
            }
            finally
            {
                volume.Tree.Lock.ExitReadLock();
            }

            ReadChunks(stripe, inode, first, pointers, (int)(offset - (first * volume.ChunkSize)), destination, count);
            return Errno.None;
        }
        finally
        {
            stripe.Lock.ExitReadLock();
        }
    }

    // The file may be longer than what is inline: it was extended.
    private void ReadInline(InodeNumber inode, long offset, Span<byte> destination)
    {
        byte[] rented = PinnedBufferPool.Shared.Rent(LeafPage.MaxValueSize);
        try
        {
            int length = chunks.GetInline(inode, rented);
            int start = (int)Math.Min(offset, length);
            int available = Math.Min(length - start, destination.Length);
            rented.AsSpan(start, available).CopyTo(destination);
            destination[available..].Clear();
        }
        finally
        {
            PinnedBufferPool.Shared.Return(rented);
        }
    }

    // destination may be longer than count: the rest is room into which a last chunk's padding can be opened.
    private void ReadChunks(DataStripe stripe, InodeNumber inode, long first, ReadOnlySpan<BlockPointer> pointers, int skip, Span<byte> destination, int count)
    {
        int done = 0;
        for (int i = 0; i < pointers.Length && done < count; i++)
        {
            int start = i == 0 ? skip : 0;
            int length = Math.Min(volume.ChunkSize - start, count - done);
            if (stripe.Dirty.TryGetValue(new ChunkKey(inode.Value, first + i), out DirtyChunk? chunk))
            {
                chunk.Content.Slice(start, length).CopyTo(destination[done..]);
            }
            else if (pointers[i].IsNone)
            {
                destination.Slice(done, length).Clear();
            }
            else
            {
                int run = RunLength(stripe, inode, first, pointers, i);
                ReadRun(pointers.Slice(i, run), start, destination[done..], count - done);
                length = Math.Min((run * volume.ChunkSize) - start, count - done);
                i += run - 1;
            }

            done += length;
        }
    }

    // How many sealed chunks from here on lie behind one another on the medium, as far as one read takes them.
    private int RunLength(DataStripe stripe, InodeNumber inode, long first, ReadOnlySpan<BlockPointer> pointers, int from)
    {
        int bytes = pointers[from].SizeOfUnit;
        int next = from + 1;
        while (next < pointers.Length
            && bytes + pointers[next].SizeOfUnit <= CiphertextScratch.SizeBytes
            && pointers[next - 1].SizeOfUnit == volume.ChunkSize
            && pointers[next].Address.Value == pointers[next - 1].Address.Value + (ulong)pointers[next - 1].BlockCount
            && !stripe.Dirty.ContainsKey(new ChunkKey(inode.Value, first + next)))
        {
            bytes += pointers[next].SizeOfUnit;
            next++;
        }

        return next - from;
    }

    private void ReadRun(ReadOnlySpan<BlockPointer> run, int skip, Span<byte> destination, int count)
    {
        int bytes = 0;
        foreach (BlockPointer pointer in run)
        {
            if (pointer.SizeOfUnit > volume.ChunkSize)
                throw new VaultCorruptionException(new CorruptionSite("chunk", pointer.Address.OffsetBytes, "length"));
            bytes += pointer.SizeOfUnit;
        }

        Span<byte> stored = CiphertextScratch.Get(bytes);
        if (volume.Medium.Read(run[0].Address.OffsetBytes, stored) != bytes)
            throw new VaultCorruptionException(new CorruptionSite("chunk", run[0].Address.OffsetBytes, "length"));
        int done = 0;
        foreach (BlockPointer pointer in run)
        {
            int size = pointer.SizeOfUnit;
            int length = Math.Min(volume.ChunkSize - skip, count - done);
            if (skip == 0 && destination.Length - done >= size)
            {
                _sealer.Open(pointer, stored[..size], destination.Slice(done, size));
                if (length > size)
                    destination[(done + size)..(done + length)].Clear();
            }
            else
            {
                OpenPart(pointer, stored[..size], skip, destination.Slice(done, length));
            }

            stored = stored[size..];
            done += length;
            skip = 0;
        }
    }

    private void OpenPart(in BlockPointer pointer, ReadOnlySpan<byte> stored, int skip, Span<byte> part)
    {
        byte[] rented = PinnedBufferPool.Shared.Rent(volume.ChunkSize);
        try
        {
            Span<byte> plaintext = rented.AsSpan(0, stored.Length);
            _sealer.Open(pointer, stored, plaintext);
            int available = Math.Clamp(stored.Length - skip, 0, part.Length);
            plaintext.Slice(Math.Min(skip, stored.Length), available).CopyTo(part);
            part[available..].Clear();
        }
        finally
        {
            PinnedBufferPool.Shared.Return(rented);
        }
    }
}
