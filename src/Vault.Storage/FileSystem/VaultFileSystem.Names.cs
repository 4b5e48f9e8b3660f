namespace Vault.Storage;

/// <content>Creating, linking and removing names.</content>
public sealed partial class VaultFileSystem
{
    /// <summary>
    /// Creates a file, directory, fifo, socket or device (by the type in <paramref name="mode"/>). Under a set-group-id
    /// parent the group, and for directories the bit, are inherited.
    /// </summary>
    public Errno CreateNode(InodeNumber parent, ReadOnlySpan<byte> name, uint mode, uint userId, uint groupId, uint deviceNumber, out InodeAttributes attributes)
    {
        NewNode node = new() { Mode = mode, UserId = userId, GroupId = groupId, DeviceNumber = deviceNumber };
        return CreateNode(parent, name, node, out attributes);
    }

    /// <summary>As above, with a umask and perhaps an inherited access control list.</summary>
    public Errno CreateNode(InodeNumber parent, ReadOnlySpan<byte> name, in NewNode node, out InodeAttributes attributes) =>
        Create(parent, name, node, default, out attributes);

    /// <summary>Creates a symlink. The target is 1 to 4095 bytes.</summary>
    public Errno CreateSymlink(InodeNumber parent, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, uint userId, uint groupId, out InodeAttributes attributes)
    {
        attributes = default;
        if (target.Length > MaxSymlinkLength)
            return Errno.ENAMETOOLONG;
        if (target.IsEmpty)
            return Errno.ENOENT;
        NewNode node = new() { Mode = ModeBits.SymbolicLink | ModeBits.AllPermissions, UserId = userId, GroupId = groupId };
        return Create(parent, name, node, target, out attributes);
    }

    /// <summary>Adds a name to an inode (EPERM for a directory).</summary>
    public Errno Link(InodeNumber inode, InodeNumber newParent, ReadOnlySpan<byte> newName, out InodeAttributes attributes)
    {
        attributes = default;
        if (CheckCreation(newName) is var check and not Errno.None)
            return check;
        HashedName name = _directories.Hash(newName);
        try
        {
            using TreeChange change = _volume.BeginOperation();
            Errno outcome = FindFreeName(newParent, name, out InodeRecord directory, out ulong item);
            if (outcome != Errno.None)
                return outcome;
            if (!_inodes.TryGet(inode, out InodeRecord record))
                return Errno.ENOENT;
            if (record.IsDirectory || Protection.CheckChange(record) != Errno.None)
                return Errno.EPERM;
            if (record.LinkCount >= MaxLinkCount)
                return Errno.EMLINK;
            if (record.LinkCount++ == 0)
            {
                _volume.Tree.Remove(new TreeKey(TableId.Orphans, inode.Value));
                _references.MarkLinked(inode);
            }

            record.ChangeTime = _volume.Clock.Now;
            _inodes.Put(inode, record);
            AddName(newParent, directory, item, name, inode, record.Mode, record.ChangeTime);
            _references.Add(inode);
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

    /// <summary>Removes a name that is not a directory's (EISDIR).</summary>
    public Errno Unlink(InodeNumber parent, ReadOnlySpan<byte> name) => RemoveName(parent, name, ofDirectory: false);

    /// <summary>Removes an empty directory.</summary>
    public Errno RemoveDirectory(InodeNumber parent, ReadOnlySpan<byte> name) => RemoveName(parent, name, ofDirectory: true);

    private Errno Create(InodeNumber parent, ReadOnlySpan<byte> nameBytes, in NewNode node, ReadOnlySpan<byte> symlinkTarget, out InodeAttributes attributes)
    {
        attributes = default;
        if (CheckCreation(nameBytes) is var check and not Errno.None)
            return check;
        HashedName name = _directories.Hash(nameBytes);
        try
        {
            using TreeChange change = _volume.BeginOperation();
            Errno outcome = FindFreeName(parent, name, out InodeRecord directory, out ulong item);
            if (outcome != Errno.None)
                return outcome;
            InodeRecord record = RecordOf(node, linkCount: 1);
            if (record.IsDirectory && directory.LinkCount >= MaxSubdirectories)
                return Errno.EMLINK;
            if (record.IsDirectory)
                (record.LinkCount, record.Parent) = (2, parent.Value);
            record.Size = symlinkTarget.Length;
            Inherit(directory, ref record);
            Span<byte> listRoom = stackalloc byte[AccessControlList.MaxLength];
            InodeNumber inode = _volume.NewInode();
            ReadOnlySpan<byte> accessList = InheritAcl(parent, directory, node, inode, ref record, listRoom);
            AddInode(inode, record);
            if (!symlinkTarget.IsEmpty)
                _volume.Tree.Put(new TreeKey(TableId.SymlinkTargets, inode.Value), symlinkTarget);
            PutInheritedAcls(parent, inode, record, accessList);
            AddName(parent, directory, item, name, inode, record.Mode, record.ChangeTime);
            _references.Add(inode);
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

    private Errno RemoveName(InodeNumber parent, ReadOnlySpan<byte> nameBytes, bool ofDirectory)
    {
        Errno check = CheckName(nameBytes);
        if (check != Errno.None)
            return check;
        if (_volume.RefusesChanges)
            return Errno.EROFS;
        HashedName name = _directories.Hash(nameBytes);
        bool isDead = false;
        InodeNumber inode = default;
        try
        {
            using TreeChange change = _volume.BeginOperation();
            Errno outcome = GetDirectory(parent, out InodeRecord directory);
            if (outcome != Errno.None)
                return outcome;
            if (!_directories.TryFind(parent, name, out DirectoryEntry entry))
                return Errno.ENOENT;
            inode = entry.Inode;
            if (!_inodes.TryGet(inode, out InodeRecord record))
                return Errno.EIO;
            outcome = CheckRemoval(directory, inode, record, ofDirectory);
            if (outcome != Errno.None)
                return outcome;
            Timestamp now = _volume.Clock.Now;
            _directories.Remove(parent, entry.Item);
            directory.AddEntries(-1, record.IsDirectory ? -1 : 0);
            directory.ModifyTime = directory.ChangeTime = now;
            _inodes.Put(parent, directory);
            isDead = DropLink(inode, record, now);
            change.Complete();
            return Errno.None;
        }
        catch (VaultException e)
        {
            return OutcomeOf(e);
        }
        finally
        {
            if (isDead)
                Delete(inode);
            AfterChange();
        }
    }

    private Errno CheckRemoval(in InodeRecord directory, InodeNumber inode, in InodeRecord record, bool asDirectory)
    {
        if (Protection.CheckRemoval(directory, record) is var refused and not Errno.None)
            return refused;
        if (record.IsDirectory != asDirectory)
            return asDirectory ? Errno.ENOTDIR : Errno.EISDIR;
        _ = _volume.Tree.Contains(new TreeKey(TableId.Orphans, inode.Value)); // a damaged page fails the removal before its first change
        return asDirectory && !_directories.IsEmpty(inode) ? Errno.ENOTEMPTY : Errno.None;
    }

    // Takes one name from an inode, in a tree section. True: nobody knows the inode any more.
    private bool DropLink(InodeNumber inode, InodeRecord record, Timestamp now)
    {
        record.LinkCount = record.IsDirectory ? 0 : Math.Max(record.LinkCount, 1) - 1;
        record.ChangeTime = now;
        _inodes.Put(inode, record);
        if (record.LinkCount > 0)
            return false;
        _volume.Tree.Put(new TreeKey(TableId.Orphans, inode.Value), default);
        return _references.MarkUnlinked(inode);
    }

    private Errno CheckCreation(ReadOnlySpan<byte> name)
    {
        Errno check = CheckName(name);
        if (check != Errno.None)
            return check;
        return CheckRoom();
    }

    private Errno FindFreeName(InodeNumber parent, HashedName name, out InodeRecord directory, out ulong item)
    {
        item = 0;
        Errno outcome = GetDirectory(parent, out directory);
        if (outcome != Errno.None)
            return outcome;
        if (directory.LinkCount == 0)
            return Errno.ENOENT; // removed while somebody is in it
        if (IsDots(name.Bytes) || _directories.TryFind(parent, name, out _, out item))
            return Errno.EEXIST;
        if (Protection.CheckAddition(directory) is var refused and not Errno.None)
            return refused;
        return item == 0 ? Errno.ENOSPC : Errno.None;
    }

    private InodeRecord RecordOf(in NewNode node, uint linkCount)
    {
        Timestamp now = _volume.Clock.Now;
        return new InodeRecord
        {
            Mode = node.Mode,
            LinkCount = linkCount,
            UserId = node.UserId,
            GroupId = node.GroupId,
            DeviceNumber = node.DeviceNumber,
            AccessTime = now,
            ModifyTime = now,
            ChangeTime = now,
            BirthTime = now,
        };
    }

    // Counted once it is there: what fails on a damaged page before the first change leaves the count alone.
    private void AddInode(InodeNumber inode, in InodeRecord record)
    {
        _inodes.Put(inode, record);
        _volume.CountInode();
    }

    private void AddName(InodeNumber parent, InodeRecord directory, ulong item, HashedName name, InodeNumber inode, uint mode, Timestamp now)
    {
        _directories.Put(parent, item, name, inode, mode);
        directory.AddEntries(1, (mode & ModeBits.TypeMask) == ModeBits.Directory ? 1 : 0);
        directory.ModifyTime = directory.ChangeTime = now;
        _inodes.Put(parent, directory);
    }

    private static void Inherit(in InodeRecord directory, ref InodeRecord record)
    {
        if (record.Type != ModeBits.SymbolicLink)
            record.AttributeFlags = directory.AttributeFlags & AttributeFlags.Inherited;
        if ((directory.Mode & ModeBits.SetGroupId) == 0)
            return;
        record.GroupId = directory.GroupId;
        if (record.IsDirectory)
            record.Mode |= ModeBits.SetGroupId;
    }
}
