namespace Vault.Storage;

/// <content>Extended attributes.</content>
public sealed partial class VaultFileSystem
{
    private const int MaxXattrListLength = 65536;

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
                if (IsUnsupported(name))
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

    /// <summary>Sets an extended attribute; names up to 255 bytes (ERANGE), values up to 65,536 (E2BIG).</summary>
    public Errno SetXattr(InodeNumber inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, XattrMode mode)
    {
        if (name.IsEmpty || name.Length > DirectoryTable.MaxNameLength)
            return Errno.ERANGE;
        if (value.Length > XattrTable.MaxValueLength)
            return Errno.E2BIG;
        if (IsUnsupported(name))
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
            bool exists = _xattrs.TryFind(inode, name, out ulong item, out _, out ulong freeItem);
            if (exists && (mode & XattrMode.Create) != 0)
                return Errno.EEXIST;
            if (!exists && (mode & XattrMode.Replace) != 0)
                return Errno.ENODATA;
            if (!exists && (freeItem == ulong.MaxValue || _xattrs.List(inode, default) + name.Length + 1 > MaxXattrListLength))
                return Errno.ENOSPC;
            if (exists)
                _xattrs.Remove(inode, item);
            _xattrs.Put(inode, exists ? item : freeItem, name, value);
            record.Flags |= InodeFlags.HasXattrs;
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

    /// <summary>Lists names, each ended by NUL. With an empty span only the length; ERANGE if it does not fit.</summary>
    public Errno ListXattr(InodeNumber inode, Span<byte> names, out int length)
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
                length = _xattrs.List(inode, names);
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

    /// <summary>Removes an extended attribute (ENODATA if missing).</summary>
    public Errno RemoveXattr(InodeNumber inode, ReadOnlySpan<byte> name)
    {
        if (IsUnsupported(name))
            return Errno.EOPNOTSUPP;
        if (_volume.RefusesChanges)
            return Errno.EROFS;
        try
        {
            using TreeChange change = _volume.BeginOperation();
            if (!_inodes.TryGet(inode, out InodeRecord record))
                return Errno.ENOENT;
            if (!_xattrs.TryFind(inode, name, out ulong item, out _))
                return Errno.ENODATA;
            _xattrs.Remove(inode, item);
            if (!_xattrs.HasAny(inode))
                record.Flags &= ~InodeFlags.HasXattrs;
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

    // Access control lists would be stored without being enforced: they are refused instead.
    private static bool IsUnsupported(ReadOnlySpan<byte> name) => name.StartsWith("system."u8);
}
