namespace Vault.Storage;

/// <content>Attribute flags (<c>chattr(1)</c>). Who may set which the caller has checked (CAP_LINUX_IMMUTABLE; the owner).</content>
public sealed partial class VaultFileSystem
{
    /// <summary>Whether some inode is or was immutable or append-only: then opening a file must be checked.</summary>
    public bool HasProtectedInodes => Volatile.Read(ref _hasProtectedInodes);

    /// <summary>Whether a file may be opened with flags of <c>open(2)</c>: EPERM if it is immutable, or append-only and the access is not.</summary>
    public Errno CheckOpen(InodeNumber inode, bool toWrite, bool toAppend, out AttributeFlags flags)
    {
        Errno outcome = GetAttributes(inode, out InodeAttributes attributes);
        flags = attributes.Flags;
        if (outcome != Errno.None || !toWrite)
            return outcome;
        bool isRefused = (flags & AttributeFlags.Immutable) != 0 || ((flags & AttributeFlags.AppendOnly) != 0 && !toAppend);
        return isRefused ? Errno.EPERM : Errno.None;
    }

    /// <summary>Sets all flags of a file or directory (else ENOTTY): EOPNOTSUPP for unknown ones, EPERM for others on what stays immutable.</summary>
    public Errno SetFlags(InodeNumber inode, AttributeFlags flags)
    {
        if ((flags & ~AttributeFlags.Known) != 0)
            return Errno.EOPNOTSUPP;
        if (_volume.RefusesChanges)
            return Errno.EROFS;
        try
        {
            using TreeChange change = _volume.BeginOperation();
            if (!_inodes.TryGet(inode, out InodeRecord record))
                return Errno.ENOENT;
            if (!record.IsRegularFile && !record.IsDirectory)
                return Errno.ENOTTY;
            if (record.IsImmutable && (flags & AttributeFlags.Immutable) != 0 && flags != record.AttributeFlags)
                return Errno.EPERM;
            if (!_inodes.TryGet(InodeNumber.Root, out InodeRecord root))
                return Errno.EIO;
            if (inode != InodeNumber.Root && (flags & AttributeFlags.Protection) != 0 && (root.Flags & InodeFlags.HasProtectedInodes) == 0)
            {
                root.Flags |= InodeFlags.HasProtectedInodes;
                _inodes.Put(InodeNumber.Root, root);
            }

            if (inode == InodeNumber.Root && (flags & AttributeFlags.Protection) != 0)
                record.Flags |= InodeFlags.HasProtectedInodes;
            record.AttributeFlags = flags;
            record.ChangeTime = _volume.Clock.Now;
            _inodes.Put(inode, record);
            if ((flags & AttributeFlags.Protection) != 0)
                Volatile.Write(ref _hasProtectedInodes, true);
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

    private bool ReadHasProtectedInodes()
    {
        try
        {
            return GetRecord(InodeNumber.Root, out InodeRecord root) != Errno.None || (root.Flags & InodeFlags.HasProtectedInodes) != 0;
        }
        catch (VaultException)
        {
            return true; // who asks for the root gets the error; to check too much does no harm
        }
    }
}
