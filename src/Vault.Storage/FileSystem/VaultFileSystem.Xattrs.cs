namespace Vault.Storage;

/// <content>Extended attributes.</content>
public sealed partial class VaultFileSystem
{
    private const int MaxXattrListLength = 65536;

    // Whose attributes were added to last, and how long its list is: who sets many need not have them all counted for each. Under the tree's lock.
    private (InodeNumber Inode, int Length) _lastXattrList;

    /// <summary>Reads an extended attribute. With an empty span only its length; ERANGE if it does not fit; ENODATA if missing.</summary>
    public Errno GetXattr(InodeNumber inode, ReadOnlySpan<byte> name, Span<byte> value, out int length)
    {
        length = 0;
        try
        {
            _volume.Tree.Lock.EnterReadLock();
            try
            {
                if (!_inodes.TryGet(inode, out InodeRecord record))
                    return Errno.ENOENT;
                if (!IsKept(name))
                    return Errno.EOPNOTSUPP;
                if ((record.Flags & InodeFlags.HasXattrs) == 0 || !_xattrs.TryFind(inode, name, out ulong item, out length))
                    return Errno.ENODATA;
                if (value.IsEmpty)
                    return Errno.None;
                if (length > value.Length)
                    return Errno.ERANGE;
                _xattrs.Read(inode, item, value[..length]);
                return Errno.None;
            }
            finally
            {
                LeaveTree();
            }
        }
        catch (VaultException e)
        {
            return OutcomeOf(e);
        }
    }

    /// <summary>
    /// Sets an extended attribute; names up to 255 bytes (ERANGE), values up to 65,536 (E2BIG). An access control list that is set
    /// changes the mode, and is not kept where the mode says it all.
    /// </summary>
    /// <param name="inode">Whose.</param>
    /// <param name="name">In one of the namespaces of xattr(7); of system.* only access control lists (else EOPNOTSUPP).</param>
    /// <param name="value">What it shall be.</param>
    /// <param name="mode">Whether it may or must exist.</param>
    /// <param name="clearSetGroupId">Whether to clear set-group-id together with an access list (FUSE_SETXATTR_ACL_KILL_SGID).</param>
    public Errno SetXattr(InodeNumber inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, XattrMode mode, bool clearSetGroupId = false)
    {
        if (name.IsEmpty || name.Length > DirectoryTable.MaxNameLength)
            return Errno.ERANGE;
        if (value.Length > XattrTable.MaxValueLength)
            return Errno.E2BIG;
        if (!IsKept(name))
            return Errno.EOPNOTSUPP;
        if (_volume.RefusesChanges)
            return Errno.EROFS;
        if (CheckRoom() is var room and not Errno.None)
            return room;
        try
        {
            using TreeChange change = _volume.BeginOperation();
            if (!_inodes.TryGet(inode, out InodeRecord record))
                return Errno.ENOENT;
            if (Protection.CheckChange(record) is var @protected and not Errno.None)
                return @protected;
            bool exists = _xattrs.TryFind(inode, name, out ulong item, out _, out ulong freeItem);
            if (exists && (mode & XattrMode.Create) != 0)
                return Errno.EEXIST;
            if (!exists && (mode & XattrMode.Replace) != 0)
                return Errno.ENODATA;
            int listLength = exists ? 0 : XattrListLength(inode) + name.Length + 1;
            if (!exists && (freeItem == ulong.MaxValue || listLength > MaxXattrListLength))
                return Errno.ENOSPC;
            bool isAccessList = name.SequenceEqual(AccessControlList.AccessName);
            if (AccessControlList.IsName(name) && CheckAcl(record, !isAccessList, value) is var refused and not Errno.None)
                return refused;
            bool isMinimal = false;
            if (isAccessList)
                record.Mode = ModeUnder(value, record.Mode, clearSetGroupId, out isMinimal);
            if (!isMinimal)
            {
                _lastXattrList = default;
                PutXattr(inode, name, value, exists, exists ? item : freeItem);
                record.Flags |= InodeFlags.HasXattrs;
            }
            else if (exists)
            {
                DropXattr(inode, item, ref record);
            }

            record.ChangeTime = _volume.Clock.Now;
            _inodes.Put(inode, record);
            if (!exists && !isMinimal)
                _lastXattrList = (inode, listLength);
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

    /// <summary>Lists names, each ended by NUL. With an empty span only the length; ERANGE if it does not fit.</summary>
    public Errno ListXattr(InodeNumber inode, Span<byte> names, out int length) => ListXattr(inode, names, XattrKinds.All, out length);

    /// <summary>As above, but only the names that somebody is shown.</summary>
    public Errno ListXattr(InodeNumber inode, Span<byte> names, XattrKinds shown, out int length)
    {
        length = 0;
        try
        {
            _volume.Tree.Lock.EnterReadLock();
            try
            {
                if (!_inodes.TryGet(inode, out InodeRecord record))
                    return Errno.ENOENT;
                if ((record.Flags & InodeFlags.HasXattrs) == 0)
                    return Errno.None;
                length = _xattrs.List(inode, names, shown);
                return !names.IsEmpty && length > names.Length ? Errno.ERANGE : Errno.None;
            }
            finally
            {
                LeaveTree();
            }
        }
        catch (VaultException e)
        {
            return OutcomeOf(e);
        }
    }

    /// <summary>Removes an extended attribute (ENODATA if missing, but for access control lists).</summary>
    public Errno RemoveXattr(InodeNumber inode, ReadOnlySpan<byte> name)
    {
        if (!IsKept(name))
            return Errno.EOPNOTSUPP;
        if (_volume.RefusesChanges)
            return Errno.EROFS;
        try
        {
            using TreeChange change = _volume.BeginOperation();
            if (!_inodes.TryGet(inode, out InodeRecord record))
                return Errno.ENOENT;
            if (Protection.CheckChange(record) is var @protected and not Errno.None)
                return @protected;
            if (!_xattrs.TryFind(inode, name, out ulong item, out _))
                return AccessControlList.IsName(name) ? Errno.None : Errno.ENODATA;
            DropXattr(inode, item, ref record);
            record.ChangeTime = _volume.Clock.Now;
            _inodes.Put(inode, record);
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

    // Of what the kernel gives a meaning under system.* there are access control lists here; nothing else is kept without being obeyed.
    private static bool IsKept(ReadOnlySpan<byte> name) => !name.StartsWith("system."u8) || AccessControlList.IsName(name);

    private int XattrListLength(InodeNumber inode) => _lastXattrList.Inode == inode ? _lastXattrList.Length : _xattrs.List(inode, default);

    private void PutXattr(InodeNumber inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool exists, ulong item)
    {
        if (exists)
            _xattrs.Remove(inode, item);
        _xattrs.Put(inode, item, name, value);
    }

    private void DropXattr(InodeNumber inode, ulong item, ref InodeRecord record)
    {
        _lastXattrList = default;
        _xattrs.Remove(inode, item);
        if (!_xattrs.HasAny(inode))
            record.Flags &= ~InodeFlags.HasXattrs;
    }
}
