namespace Vault.Storage;

/// <summary>The table of inodes. The caller holds the tree's lock, exclusively for changes.</summary>
internal sealed class InodeTable(CopyOnWriteTree tree)
{
    public bool TryGet(InodeNumber inode, out InodeRecord record)
    {
        Span<byte> value = stackalloc byte[InodeRecord.SizeBytes];
        if (!tree.TryGet(KeyOf(inode), value, out int length))
        {
            record = default;
            return false;
        }

        return InodeRecord.TryRead(value[..length], out record)
            ? true
            : throw new VaultCorruptionException(new CorruptionSite("inode record", 0, "structure"));
    }

    public void Put(InodeNumber inode, in InodeRecord record)
    {
        Span<byte> value = stackalloc byte[InodeRecord.SizeBytes];
        record.WriteTo(value);
        tree.Put(KeyOf(inode), value);
    }

    public void Remove(InodeNumber inode) => tree.Remove(KeyOf(inode));

    private static TreeKey KeyOf(InodeNumber inode) => new(TableId.Inodes, inode.Value);
}
