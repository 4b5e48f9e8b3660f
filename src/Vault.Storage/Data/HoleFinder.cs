namespace Vault.Storage;

/// <summary>Finds data and holes in a file, chunk by chunk: what is stored, in memory, or lost (reading it is an error) is data.</summary>
internal sealed class HoleFinder(Volume volume, DirtyData dirty, InodeTable inodes)
{
    /// <summary>Chunks that are looked at under one hold of the locks.</summary>
    private const int ChunksAtOnce = 4096;

    private readonly LostContent _lost = new(volume.Tree);

    /// <param name="inode">A regular file.</param>
    /// <param name="offset">Where the search begins, bytes; not negative.</param>
    /// <param name="wantsHole">Whether a hole is looked for, else data.</param>
    /// <param name="position">What was found, at or behind <paramref name="offset"/>.</param>
    /// <returns>ENXIO: there is no data, or the file ends before.</returns>
    public Errno Find(InodeNumber inode, long offset, bool wantsHole, out long position)
    {
        position = offset;
        while (true)
        {
            DataStripe stripe = dirty.StripeOf(inode);
            stripe.Lock.EnterReadLock();
            volume.Tree.Lock.EnterReadLock();
            try
            {
                if (!inodes.TryGet(inode, out InodeRecord record))
                    return Errno.ENOENT;
                if (!record.IsRegularFile)
                    return record.IsDirectory ? Errno.EISDIR : Errno.EINVAL;
                if (offset >= record.Size)
                    return Errno.ENXIO;
                bool isFound = (record.Flags & InodeFlags.IsInline) != 0
                    ? FindInline(inode, wantsHole, record.Size, ref position)
                    : wantsHole ? FindHole(stripe, inode, record, ref position) : FindData(stripe, inode, record, ref position);
                if (position >= record.Size)
                {
                    position = record.Size;
                    return wantsHole ? Errno.None : Errno.ENXIO;
                }

                if (isFound)
                    return Errno.None;
            }
            finally
            {
                volume.Tree.Lock.ExitReadLock();
                stripe.Lock.ExitReadLock();
            }
        }
    }

    // What is stored is data up to the end of its block, as an ordinary file system has it. Lost content is data.
    private bool FindInline(InodeNumber inode, bool wantsHole, long size, ref long position)
    {
        Span<byte> content = stackalloc byte[LeafPage.MaxValueSize];
        bool isStored = volume.Tree.TryGet(new TreeKey(TableId.InlineData, inode.Value), content, out int length);
        content[..length].Clear();
        long end = isStored ? (long)ContainerLayout.BlocksFor(length) * ContainerLayout.BlockSize : size;
        if (wantsHole)
            position = Math.Max(position, end);
        else if (position >= end)
            position = size;
        return true;
    }

    private bool FindData(DataStripe stripe, InodeNumber inode, in InodeRecord record, ref long position)
    {
        long index = position / volume.ChunkSize;
        ulong next = ulong.MaxValue;
        TreeScan scan = volume.Tree.Scan(new TreeKey(TableId.Chunks, inode.Value, (ulong)index));
        if (scan.MoveNext(new TreeKey(TableId.Chunks, inode.Value, ulong.MaxValue)))
            next = scan.Key.Item;
        foreach (ChunkKey key in stripe.Dirty.Keys)
        {
            if (key.Inode == inode.Value && key.Index >= index)
                next = Math.Min(next, (ulong)key.Index);
        }

        if ((record.Flags & InodeFlags.HasLostContent) != 0 && _lost.TryFindFrom(inode, index, out ulong lost))
            next = Math.Min(next, lost);
        position = next > (ulong)(record.Size / volume.ChunkSize) ? record.Size : Math.Max(position, (long)next * volume.ChunkSize);
        return true;
    }

    private bool FindHole(DataStripe stripe, InodeNumber inode, in InodeRecord record, ref long position)
    {
        long index = position / volume.ChunkSize;
        long first = index;
        TreeScan scan = volume.Tree.Scan(new TreeKey(TableId.Chunks, inode.Value, (ulong)index));
        TreeKey end = new(TableId.Chunks, inode.Value, ulong.MaxValue);
        bool hasStored = scan.MoveNext(end);
        bool isData = true;
        while (isData && index < first + ChunksAtOnce)
        {
            bool isStored = hasStored && scan.Key.Item == (ulong)index;
            isData = isStored || stripe.Dirty.ContainsKey(new ChunkKey(inode.Value, index))
                || ((record.Flags & InodeFlags.HasLostContent) != 0 && _lost.Overlaps(inode, index, index));
            if (isStored)
                hasStored = scan.MoveNext(end);
            if (isData)
                index++;
        }

        position = Math.Max(position, index * volume.ChunkSize);
        return !isData;
    }
}
