namespace Vault.Storage;

/// <summary>Removes what has no meaning: malformed values, and rows of tables that this version does not write.</summary>
internal sealed class LeftoverRepair(Volume volume, RepairLog log)
{
    private const string NoTable = "{0} entries of tables that do not exist were removed.";

    private readonly CopyOnWriteTree _tree = volume.Tree;
    private readonly XattrTable _xattrs = new(volume.Tree, volume.Cipher);

    /// <summary>Inode records that cannot be one: the inode then counts as lost, and what it holds is kept.</summary>
    public void RemoveBadInodes() => Remove(TableId.Inodes, TableId.Inodes, "{0} malformed inode records were removed.", static (in TreeKey key, ReadOnlySpan<byte> value) =>
        !IsOfInode(key) || value.Length != InodeRecord.SizeBytes);

    /// <summary>Records with an impossible type or size: what hangs on them tells what they were, and how long.</summary>
    public void MendRecords()
    {
        InodeTable inodes = new(_tree);
        DirectoryTable names = new(_tree, volume.Cipher);
        List<(TreeKey Key, byte[] Value)> bad = LiveTree.Where(_tree, TableId.Inodes, TableId.Inodes, static (in TreeKey key, ReadOnlySpan<byte> value) =>
            !InodeRecord.TryRead(value, out InodeRecord record) || !ModeBits.IsKnownType(record.Type) || (IsRoot(key) && !record.IsDirectory));
        foreach ((TreeKey key, byte[] value) in bad)
        {
            if (!InodeRecord.TryRead(value, out InodeRecord record))
                record.Size = record.DataBlocks = 0; // counted anew from what is there
            bool isSymlink = _tree.Contains(new TreeKey(TableId.SymlinkTargets, key.Object));
            uint type = IsRoot(key) || !names.IsEmpty(new InodeNumber(key.Object)) ? ModeBits.Directory : isSymlink ? ModeBits.SymbolicLink : ModeBits.RegularFile;
            if (IsRoot(key) || !ModeBits.IsKnownType(record.Type))
                record.Mode = type | (record.Mode & ModeBits.PermissionMask);
            inodes.Put(new InodeNumber(key.Object), record);
            log.Add("{0} inodes with an impossible type or size were given another.");
        }
    }

    public void RemoveTheRest()
    {
        Remove(TableId.InlineData, TableId.SymlinkTargets, "{0} malformed values were removed.", static (in TreeKey key, ReadOnlySpan<byte> value) =>
            !IsOfInode(key) || value.IsEmpty);
        RemoveBadXattrs();
        Remove(TableId.Orphans, TableId.Orphans, "{0} malformed entries among the inodes to be freed were removed.", static (in TreeKey key, ReadOnlySpan<byte> value) =>
            !IsOfInode(key) || !value.IsEmpty);
        Remove(TableId.Snapshots, TableId.Lineage, "{0} entries of tables that this version does not write were removed.", static (in TreeKey key, ReadOnlySpan<byte> value) =>
            key.Table != TableId.Lineage || value.Length != LineageEntry.SizeBytes || LineageEntry.Read(value).LastGeneration != key.Object);
        Remove(TableId.LostContent, TableId.LostContent, "{0} malformed notes of lost content were removed.", static (in TreeKey key, ReadOnlySpan<byte> value) =>
            !IsOfInode(key with { Item = 0 }) || value.Length != LostContent.ValueSize || LostContent.FirstOf(value) > key.Item || key.Item > long.MaxValue - 1);
        Remove(default, default, NoTable, static (in TreeKey key, ReadOnlySpan<byte> value) => true);
        Remove(TableId.LostContent + 1, (TableId)byte.MaxValue, NoTable, static (in TreeKey key, ReadOnlySpan<byte> value) => true);
    }

    // Pieces that no first piece leads to, and first pieces that no name leads to. An attribute that lacks its end stays: it can be replaced.
    private void RemoveBadXattrs()
    {
        TreeKey head = default;
        ulong next = 0;
        Remove(TableId.Xattrs, TableId.Xattrs, "{0} pieces of extended attributes that nothing leads to were removed.", (in TreeKey key, ReadOnlySpan<byte> value) =>
        {
            if (XattrTable.PieceOf(key.Item) == 0)
            {
                bool isGood = IsOfInode(key with { Item = 0 }) && XattrTable.IsWellFormed(value) && _xattrs.IsPlaceOf(key.Item, value);
                head = isGood ? key : default;
                next = key.Item + 1;
                return !isGood;
            }

            return head.Table != TableId.Xattrs || key.Object != head.Object || key.Item != next++;
        });
    }

    private static bool IsRoot(in TreeKey key) => key.Object == InodeNumber.Root.Value;

    private static bool IsOfInode(in TreeKey key) => key is { Object: > 0 and <= InodeNumber.MaxBelieved, Item: 0 };

    private void Remove(TableId first, TableId last, string what, LiveTree.Test isBad)
    {
        foreach ((TreeKey key, _) in LiveTree.Where(_tree, first, last, isBad))
        {
            _tree.Remove(key);
            log.Add(what);
        }
    }
}
