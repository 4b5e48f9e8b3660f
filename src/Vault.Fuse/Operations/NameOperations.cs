using Vault.Fuse.Dispatch;
using Vault.Fuse.Protocol;
using Vault.Storage;

namespace Vault.Fuse.Operations;

/// <summary>What makes, moves and removes names: MKNOD, MKDIR, SYMLINK, LINK, UNLINK, RMDIR, RENAME, RENAME2.</summary>
internal static partial class NameOperations
{
    /// <summary>Makes a file, fifo, socket or device.</summary>
    public static Errno MakeNode(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryGetArgument(out FuseMknodIn argument))
            return Errno.EINVAL;
        uint mode = argument.Mode & (ModeBits.TypeMask | ModeBits.PermissionMask);
        switch (mode & ModeBits.TypeMask)
        {
            case 0:
                mode |= ModeBits.RegularFile;
                break;
            case ModeBits.RegularFile or ModeBits.Fifo or ModeBits.Socket or ModeBits.CharacterDevice or ModeBits.BlockDevice:
                break;
            default:
                return Errno.EINVAL;
        }

        NewNode node = NodeOf(session, in request, mode, argument.Umask);
        node.DeviceNumber = argument.Rdev;
        return Make(session, in request, in node, ref reply);
    }

    /// <summary>Makes a directory.</summary>
    public static Errno MakeDirectory(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryGetArgument(out FuseMkdirIn argument))
            return Errno.EINVAL;
        uint mode = (argument.Mode & ModeBits.PermissionMask) | ModeBits.Directory;
        NewNode node = NodeOf(session, in request, mode, argument.Umask);
        return Make(session, in request, in node, ref reply);
    }

    /// <summary>Makes a symlink: the name comes first, then the target.</summary>
    public static Errno MakeSymlink(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        ReadOnlySpan<byte> payload = request.Payload;
        Errno errno = FuseNames.TryTakeEntryName(ref payload, out ReadOnlySpan<byte> name);
        if (errno != Errno.None)
            return errno;
        errno = FuseNames.TryTakeTarget(ref payload, out ReadOnlySpan<byte> target);
        if (errno != Errno.None)
            return errno;
        FuseInHeader header = request.Header;
        errno = session.FileSystem.CreateSymlink(request.Inode, name, target, header.Uid, header.Gid, out InodeAttributes attributes);
        if (errno == Errno.None)
            Replies.AppendEntry(ref reply, in attributes);
        return errno;
    }

    /// <summary>Adds a name: the header names the directory, the body the inode.</summary>
    public static Errno Link(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryGetArgument(out FuseLinkIn argument))
            return Errno.EINVAL;
        ReadOnlySpan<byte> payload = request.Payload;
        Errno errno = FuseNames.TryTakeEntryName(ref payload, out ReadOnlySpan<byte> name);
        if (errno != Errno.None)
            return errno;
        errno = session.FileSystem.Link(new InodeNumber(argument.OldNodeId), request.Inode, name, out InodeAttributes attributes);
        if (errno == Errno.None)
            Replies.AppendEntry(ref reply, in attributes);
        return errno;
    }

    /// <summary>Removes a name; the inode lives until it is forgotten.</summary>
    public static Errno Unlink(FuseSession session, scoped in FuseRequest request)
    {
        ReadOnlySpan<byte> payload = request.Payload;
        Errno errno = FuseNames.TryTakeEntryName(ref payload, out ReadOnlySpan<byte> name);
        return errno != Errno.None ? errno : session.FileSystem.Unlink(request.Inode, name);
    }

    /// <summary>Removes an empty directory.</summary>
    public static Errno RemoveDirectory(FuseSession session, scoped in FuseRequest request)
    {
        ReadOnlySpan<byte> payload = request.Payload;
        Errno errno = FuseNames.TryTakeEntryName(ref payload, out ReadOnlySpan<byte> name);
        return errno != Errno.None ? errno : session.FileSystem.RemoveDirectory(request.Inode, name);
    }

    /// <summary>Renames, replacing what is there.</summary>
    public static Errno Rename(FuseSession session, scoped in FuseRequest request) =>
        request.TryGetArgument(out FuseRenameIn argument)
            ? Rename(session, in request, argument.Newdir, RenameMode.Replace)
            : Errno.EINVAL;

    /// <summary>Renames with flags.</summary>
    public static Errno Rename2(FuseSession session, scoped in FuseRequest request)
    {
        if (!request.TryGetArgument(out FuseRename2In argument))
            return Errno.EINVAL;
        const RenameMode known = RenameMode.NoReplace | RenameMode.Exchange | RenameMode.Whiteout;
        var mode = (RenameMode)argument.Flags;
        bool isContradiction = (mode & RenameMode.Exchange) != 0 && (mode & ~RenameMode.Exchange) != 0;
        return (mode & ~known) != 0 || isContradiction ? Errno.EINVAL : Rename(session, in request, argument.Newdir, mode);
    }

    private static Errno Rename(FuseSession session, scoped in FuseRequest request, ulong newParent, RenameMode mode)
    {
        ReadOnlySpan<byte> payload = request.Payload;
        Errno errno = FuseNames.TryTakeEntryName(ref payload, out ReadOnlySpan<byte> oldName);
        if (errno != Errno.None)
            return errno;
        errno = FuseNames.TryTakeEntryName(ref payload, out ReadOnlySpan<byte> newName);
        return errno != Errno.None
            ? errno
            : session.FileSystem.Rename(request.Inode, oldName, new InodeNumber(newParent), newName, mode);
    }

    // Where access control lists are in force the kernel leaves the umask to us, as a default list goes before it.
    private static NewNode NodeOf(FuseSession session, scoped in FuseRequest request, uint mode, uint umask)
    {
        FuseInHeader header = request.Header;
        return new NewNode
        {
            Mode = mode,
            UserId = header.Uid,
            GroupId = header.Gid,
            Umask = session.HasAcls ? umask : 0,
            InheritsAcl = session.HasAcls,
        };
    }

    private static Errno Make(FuseSession session, scoped in FuseRequest request, in NewNode node, ref FuseReply reply)
    {
        ReadOnlySpan<byte> payload = request.Payload;
        Errno errno = FuseNames.TryTakeEntryName(ref payload, out ReadOnlySpan<byte> name);
        if (errno != Errno.None)
            return errno;
        errno = session.FileSystem.CreateNode(request.Inode, name, in node, out InodeAttributes attributes);
        if (errno == Errno.None)
            Replies.AppendEntry(ref reply, in attributes);
        return errno;
    }
}
