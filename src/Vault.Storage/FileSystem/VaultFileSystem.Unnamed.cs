namespace Vault.Storage;

/// <content>Files without a name (<c>O_TMPFILE</c>).</content>
public sealed partial class VaultFileSystem
{
    /// <summary>
    /// Makes a regular file that no name leads to, as <see cref="CreateNode(InodeNumber, ReadOnlySpan{byte}, in NewNode, out InodeAttributes)"/>
    /// would in that directory, and adds one reference. <see cref="Link"/> may give it a name; else it is deleted with its last
    /// reference, or at the next unlock.
    /// </summary>
    public Errno CreateUnnamed(InodeNumber parent, in NewNode node, out InodeAttributes attributes)
    {
        attributes = default;
        if (CheckRoom() is var room and not Errno.None)
            return room;
        try
        {
            using TreeChange change = _volume.BeginOperation();
            Errno outcome = GetDirectory(parent, out InodeRecord directory);
            if (outcome != Errno.None)
                return outcome;
            if (directory.LinkCount == 0)
                return Errno.ENOENT;
            if (Protection.CheckAddition(directory) is var refused and not Errno.None)
                return refused;
            InodeRecord record = RecordOf(node, linkCount: 0);
            if (!record.IsRegularFile)
                return Errno.EINVAL;
            Inherit(directory, ref record);
            Span<byte> listRoom = stackalloc byte[AccessControlList.MaxLength];
            InodeNumber inode = _volume.NewInode();
            ReadOnlySpan<byte> accessList = InheritAcl(parent, directory, node, inode, ref record, listRoom);
            _ = _volume.Tree.Contains(new TreeKey(TableId.Orphans, inode.Value)); // a damaged page fails the creation before its first change
            AddInode(inode, record);
            PutInheritedAcls(parent, inode, record, accessList);
            _volume.Tree.Put(new TreeKey(TableId.Orphans, inode.Value), default);
            _references.Add(inode);
            _ = _references.MarkUnlinked(inode);
            attributes = record.ToAttributes(inode);
            change.Complete();
            return Errno.None;
        }
        catch (VaultException e)
        {
            return OutcomeOf(e);
        }
        finally
        {
            AfterChange();
        }
    }
}
