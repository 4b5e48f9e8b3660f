using Vault.Crypto;

namespace Vault.Storage;

/// <summary>Sees to it that content which is lost is an error to read, and that no block belongs to two chunks.</summary>
internal sealed class ContentRepair(Volume volume, RepairLog log)
{
    private readonly InodeTable _inodes = new(volume.Tree);
    private readonly LostContent _lost = new(volume.Tree);

    /// <summary>Moves chunks that share blocks with another unit to blocks of their own if they can be read; else they are lost.</summary>
    /// <returns>Those that are lost.</returns>
    public List<LostRun> MendChunks(List<TreeKey> bad)
    {
        List<LostRun> lost = [];
        Span<byte> value = stackalloc byte[LeafPage.MaxValueSize];
        foreach (TreeKey key in bad)
        {
            if (!volume.Tree.TryGet(key, value, out int length))
                continue; // on a page that was dropped
            bool isPossible = ChunkTable.IsPossible(key, volume.ChunkSize);
            if (isPossible && ChunkRecord.TryRead(value[..length], out BlockPointer pointer) && pointer.SizeOfUnit <= volume.ChunkSize && TryMove(pointer, out BlockPointer moved))
            {
                ChunkRecord.Write(value, moved);
                volume.Tree.Put(key, value[..ChunkRecord.SizeBytes]);
                log.Add("{0} chunks that shared blocks with something else were moved.");
                continue;
            }

            volume.Tree.Remove(key);
            if (isPossible)
                lost.Add(new LostRun(key.Object, key.Item, key.Item + 1));
        }

        return lost;
    }

    /// <summary>Notes lost content in the inodes that have a record.</summary>
    public void Note(IEnumerable<LostRun> runs)
    {
        foreach (LostRun run in runs)
        {
            InodeNumber inode = new(run.Inode);
            if (!_inodes.TryGet(inode, out InodeRecord record) || !record.IsRegularFile || (record.Flags & InodeFlags.IsInline) != 0)
                continue;
            ulong chunks = (ulong)((record.Size + volume.ChunkSize - 1) / volume.ChunkSize);
            ulong end = Math.Min(run.End, chunks);
            if (run.First >= end)
                continue;
            _lost.Remove(inode, (long)run.First, (long)end - 1, ref record);
            _lost.Add(inode, run.First, end - 1, ref record);
            _inodes.Put(inode, record);
            log.Add("{0} ranges of files are noted as lost: reading them is an error until they are overwritten.");
        }
    }

    private bool TryMove(in BlockPointer pointer, out BlockPointer moved)
    {
        moved = default;
        byte[] rented = PinnedBufferPool.Shared.Rent(pointer.SizeOfUnit);
        try
        {
            Span<byte> plaintext = rented.AsSpan(0, pointer.SizeOfUnit);
            if (!volume.Units.TryReadCopy(pointer, pointer.Address, plaintext))
                return false;
            if (!volume.Space.TryAllocateRun(pointer.BlockCount, pointer.BlockCount, mayUseReserve: true, out BlockAddress place, out _))
                throw new VaultException(VaultFailure.NoSpace, "No space left on the host for the repair; nothing was changed.");
            moved = new ChunkSealer(volume).Write(place, plaintext);
            return true;
        }
        finally
        {
            PinnedBufferPool.Shared.Return(rented);
        }
    }
}
