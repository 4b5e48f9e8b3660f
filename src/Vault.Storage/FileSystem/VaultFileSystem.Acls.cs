namespace Vault.Storage;

/// <content>POSIX access control lists: kept as extended attributes, and held together with the mode's permission bits.</content>
public sealed partial class VaultFileSystem
{
    // Before anything is changed.
    private static Errno CheckAcl(in InodeRecord record, bool isDefault, ReadOnlySpan<byte> list)
    {
        if (record.Type == ModeBits.SymbolicLink)
            return Errno.EOPNOTSUPP;
        if (isDefault && !record.IsDirectory)
            return Errno.EACCES;
        if (list.Length > AccessControlList.MaxLength)
            return Errno.E2BIG;
        return AccessControlList.IsWellFormed(list) ? Errno.None : Errno.EINVAL;
    }

    // The mode that a record has under a new access list.
    private static uint ModeUnder(ReadOnlySpan<byte> list, uint mode, bool clearSetGroupId, out bool isMinimal)
    {
        mode = (mode & ~ModeBits.AllPermissions) | AccessControlList.ModeOf(list, out isMinimal);
        return clearSetGroupId ? mode & ~ModeBits.SetGroupId : mode;
    }

    // What chmod changed in the mode is changed in the access list too. In a tree section.
    private void UpdateAcl(InodeNumber inode, in InodeRecord record)
    {
        if ((record.Flags & InodeFlags.HasXattrs) == 0)
            return;
        Span<byte> room = stackalloc byte[AccessControlList.MaxLength];
        if (!TryReadAcl(inode, AccessControlList.AccessName, room, out Span<byte> list, out ulong item))
            return;
        AccessControlList.SetMode(list, record.Mode);
        PutXattr(inode, AccessControlList.AccessName, list, exists: true, item);
    }

    // Gives a new inode what a default list of its directory says, else takes the umask from its permissions. In a tree section;
    // first half: nothing is changed yet. The list comes back empty if the mode says it all.
    private Span<byte> InheritAcl(
        InodeNumber parent, in InodeRecord directory, in NewNode node, InodeNumber inode, ref InodeRecord record, Span<byte> room)
    {
        if (record.Type == ModeBits.SymbolicLink)
            return default;
        if (!node.InheritsAcl || (directory.Flags & InodeFlags.HasXattrs) == 0 || !TryReadAcl(parent, AccessControlList.DefaultName, room, out Span<byte> list, out _))
        {
            record.Mode &= ~(node.Umask & ModeBits.AllPermissions);
            return default;
        }

        // A damaged page, where the lists will lie, fails the creation before its first change.
        _ = _xattrs.TryFind(inode, AccessControlList.AccessName, out _, out _);
        _ = _xattrs.TryFind(inode, AccessControlList.DefaultName, out _, out _);
        if (record.IsDirectory)
            record.Flags |= InodeFlags.HasXattrs;
        record.Mode = (record.Mode & ~ModeBits.AllPermissions) | AccessControlList.Inherit(list, record.Mode & ModeBits.AllPermissions);
        _ = AccessControlList.ModeOf(list, out bool isMinimal);
        if (!isMinimal)
            record.Flags |= InodeFlags.HasXattrs;
        return isMinimal ? default : list;
    }

    // Second half: the lists of the new inode.
    private void PutInheritedAcls(InodeNumber parent, InodeNumber inode, in InodeRecord record, ReadOnlySpan<byte> accessList)
    {
        if ((record.Flags & InodeFlags.HasXattrs) == 0)
            return;
        if (!accessList.IsEmpty)
            AddXattr(inode, AccessControlList.AccessName, accessList);
        if (!record.IsDirectory)
            return;
        Span<byte> room = stackalloc byte[AccessControlList.MaxLength];
        if (TryReadAcl(parent, AccessControlList.DefaultName, room, out Span<byte> defaultList, out _))
            AddXattr(inode, AccessControlList.DefaultName, defaultList);
    }

    private void AddXattr(InodeNumber inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        _ = _xattrs.TryFind(inode, name, out _, out _, out ulong freeItem);
        PutXattr(inode, name, value, exists: false, freeItem);
    }

    private bool TryReadAcl(InodeNumber inode, ReadOnlySpan<byte> name, Span<byte> room, out Span<byte> list, out ulong item)
    {
        list = default;
        if (!_xattrs.TryFind(inode, name, out item, out int length))
            return false;
        if (length > room.Length)
            throw NoAcl();
        list = room[..length];
        _xattrs.Read(inode, item, list);
        return AccessControlList.IsWellFormed(list) ? true : throw NoAcl();
    }

    private static VaultCorruptionException NoAcl() => new(new CorruptionSite("access control list", 0, "structure"));
}
