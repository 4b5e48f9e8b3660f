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

    /// <summary>Whether there can be such a file, and a chunk of this index in it.</summary>
    public static bool IsPossible(in TreeKey key) =>
        key is { Object: > 0 and <= InodeNumber.MaxBelieved, Item: <= FileWriter.MaxFileSize / ContainerLayout.BlockSize };

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

    /// <summary>Removes up to <paramref name="limit"/> chunks from an index upwards.</summary>
    /// <returns>How many; less than the limit if none is left.</returns>
    public int RemoveFrom(InodeNumber inode, long firstIndex, int limit, Action<BlockPointer> removed) => tree.RemoveRange(
        KeyOf(inode, firstIndex),
        new TreeKey(TableId.Chunks, inode.Value, ulong.MaxValue),
        limit,
        value => removed(ChunkRecord.Read(value)));

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

    private static TreeKey KeyOf(InodeNumber inode, long index) => new(TableId.Chunks, inode.Value, (ulong)index);
}
