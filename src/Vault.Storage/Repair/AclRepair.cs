namespace Vault.Storage;

/// <summary>Makes access control lists and modes say the same, once inode records are right.</summary>
internal sealed class AclRepair(Volume volume, RepairLog log)
{
    private readonly CopyOnWriteTree _tree = volume.Tree;
    private readonly InodeTable _inodes = new(volume.Tree);
    private readonly XattrTable _xattrs = new(volume.Tree, volume.Cipher);

    /// <summary>Removes lists that are none, or that the inode cannot have; where a list and the mode differ the list counts, as the kernel obeys it.</summary>
    public void Mend()
    {
        List<(TreeKey Key, byte[] Value)> lists = LiveTree.Where(_tree, TableId.Xattrs, TableId.Xattrs, static (in TreeKey key, ReadOnlySpan<byte> value) =>
            XattrTable.PieceOf(key.Item) == 0 && XattrTable.IsWellFormed(value) && AccessControlList.IsName(XattrTable.NameOf(value)));
        foreach ((TreeKey key, byte[] value) in lists)
        {
            InodeNumber inode = new(key.Object);
            if (!_inodes.TryGet(inode, out InodeRecord record))
                continue;
            if (!AccessControlList.IsPossible(record, XattrTable.NameOf(value), XattrTable.ValueInFirst(value)))
                Remove(inode, key.Item, record);
            else if (!AccessControlList.AgreesWith(record, XattrTable.NameOf(value), XattrTable.ValueInFirst(value)))
                SetMode(inode, record, XattrTable.ValueInFirst(value));
        }
    }

    private void Remove(InodeNumber inode, ulong item, InodeRecord record)
    {
        _xattrs.Remove(inode, item);
        if (!_xattrs.HasAny(inode))
            record.Flags &= ~InodeFlags.HasXattrs;
        _inodes.Put(inode, record);
        log.Add("{0} access control lists that are malformed, or that the inode cannot have, were removed.");
    }

    private void SetMode(InodeNumber inode, InodeRecord record, ReadOnlySpan<byte> list)
    {
        record.Mode = (record.Mode & ~ModeBits.AllPermissions) | AccessControlList.ModeOf(list, out _);
        _inodes.Put(inode, record);
        log.Add("The permissions of {0} inodes were set to what their access control lists say.");
    }
}
