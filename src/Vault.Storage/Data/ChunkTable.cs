namespace Vault.Storage;

/// <summary>The tables of file content: chunk pointers and small files. The caller holds the tree's lock.</summary>
internal sealed class ChunkTable(CopyOnWriteTree tree)
{
    public bool TryGet(InodeNumber inode, long index, out BlockPointer pointer)
    {
        Span<byte> value = stackalloc byte[ChunkRecord.SizeBytes];
        if (!tree.TryGet(KeyOf(inode, index), value, out int length))
        {
            pointer = default;
            return false;
        }

        pointer = ChunkRecord.Read(value[..length]);
        return true;
    }

    /// <summary>Reads the pointers of neighbouring chunks; a hole's is none.</summary>
    public void GetRange(InodeNumber inode, long firstIndex, Span<BlockPointer> pointers)
    {
        pointers.Clear();
        TreeScan scan = tree.Scan(KeyOf(inode, firstIndex));
        TreeKey end = KeyOf(inode, firstIndex + pointers.Length);
        while (scan.MoveNext(end))
            pointers[(int)(scan.Key.Item - (ulong)firstIndex)] = ChunkRecord.Read(scan.Value);
    }

    /// <summary>Above the index of every chunk.</summary>
    public const long EndOfAll = long.MaxValue;

    /// <summary>Whether there can be such a file, and a chunk of this index in it.</summary>
    public static bool IsPossible(in TreeKey key, int chunkSize) =>
        key.Object is > 0 and <= InodeNumber.MaxBelieved && key.Item < (ulong)(FileWriter.MaxFileSize / chunkSize);

    /// <summary>The index of the last chunk; -1 if there is none at <paramref name="firstIndex"/> or behind it.</summary>
    public long LastIndex(InodeNumber inode, long firstIndex) =>
        tree.TryFindLast(KeyOf(inode, firstIndex), new TreeKey(TableId.Chunks, inode.Value, ulong.MaxValue), out TreeKey last)
            ? last.Item <= FileWriter.MaxFileSize / ContainerLayout.BlockSize ? (long)last.Item : throw new VaultCorruptionException(new CorruptionSite("chunk record", 0, "index"))
            : -1;

    /// <summary>Sets a chunk's pointer.</summary>
    /// <returns>The pointer that it replaces, or none.</returns>
    public BlockPointer Exchange(InodeNumber inode, long index, in BlockPointer pointer)
    {
        Span<byte> value = stackalloc byte[ChunkRecord.SizeBytes];
        Span<byte> old = stackalloc byte[ChunkRecord.SizeBytes];
        ChunkRecord.Write(value, pointer);
        tree.Exchange(KeyOf(inode, index), value, old, out int oldLength);
        return oldLength < 0 ? default : ChunkRecord.Read(old[..Math.Min(oldLength, old.Length)]);
    }

    /// <summary>The index of the first chunk; -1 if there is none from <paramref name="firstIndex"/> on and below <paramref name="endIndex"/>.</summary>
    public long FirstIndex(InodeNumber inode, long firstIndex, long endIndex)
    {
        TreeScan scan = tree.Scan(KeyOf(inode, firstIndex));
        return scan.MoveNext(KeyOf(inode, endIndex)) ? (long)scan.Key.Item : -1;
    }

    /// <summary>Removes chunks from an index up to but not including another, and lets go of what they named.</summary>
    /// <param name="inode">The file.</param>
    /// <param name="firstIndex">The first that goes.</param>
    /// <param name="endIndex">Behind the last; <see cref="EndOfAll"/> for all.</param>
    /// <param name="limit">At most this many.</param>
    /// <param name="shared">Frees their blocks, unless other chunks lead to them.</param>
    /// <param name="blocks">Blocks that they held.</param>
    /// <returns>How many; less than the limit if none is left.</returns>
    public int Remove(InodeNumber inode, long firstIndex, long endIndex, int limit, SharedChunks shared, out long blocks)
    {
        TreeKey end = endIndex == EndOfAll ? new TreeKey(TableId.Chunks, inode.Value, ulong.MaxValue) : KeyOf(inode, endIndex);
        List<BlockPointer> removed = [];
        int count = tree.RemoveRange(KeyOf(inode, firstIndex), end, limit, value => removed.Add(ChunkRecord.Read(value)));
        blocks = 0;
        foreach (BlockPointer pointer in removed) // not before: it changes the tree, which the removal walks
        {
            blocks += pointer.BlockCount;
            shared.Release(pointer);
        }

        return count;
    }

    public bool HasInline(InodeNumber inode) => tree.Contains(new TreeKey(TableId.InlineData, inode.Value));

    /// <summary>Reads the content of an inode that says it is inline.</summary>
    /// <returns>Its length.</returns>
    /// <exception cref="VaultCorruptionException">It is not there: lost.</exception>
    public int GetInline(InodeNumber inode, Span<byte> content) =>
        tree.TryGet(new TreeKey(TableId.InlineData, inode.Value), content, out int length)
            ? length
            : throw new VaultCorruptionException(new CorruptionSite("inline content of an inode", 0, "presence"));

    public void PutInline(InodeNumber inode, ReadOnlySpan<byte> content) =>
        tree.Put(new TreeKey(TableId.InlineData, inode.Value), content);

    public void RemoveInline(InodeNumber inode) => tree.Remove(new TreeKey(TableId.InlineData, inode.Value));

    public static TreeKey KeyOf(InodeNumber inode, long index) => new(TableId.Chunks, inode.Value, (ulong)index);
}
