using Vault.Fuse.Dispatch;
using Vault.Fuse.Protocol;
using Vault.Storage;

namespace Vault.Fuse.Operations;

/// <summary>GETXATTR, SETXATTR, LISTXATTR, REMOVEXATTR.</summary>
internal static class XattrOperations
{
    /// <summary>
    /// Reads a value, or its length if the size is 0. Asked for security.capability with each new file: no work here but
    /// finding the name.
    /// </summary>
    public static Errno Get(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryGetArgument(out FuseGetxattrIn argument))
            return Errno.EINVAL;
        ReadOnlySpan<byte> payload = request.Payload;
        Errno errno = FuseNames.TryTakeXattrName(ref payload, session.HasAcls, out ReadOnlySpan<byte> name);
        if (errno != Errno.None)
            return errno;
        errno = session.FileSystem.GetXattr(request.Inode, name, Room(argument.Size, in reply), out int length);
        if (errno == Errno.ENODATA && argument.Size == 0 && (length = FlagOperations.CapabilityOfImmutable(session, request.Inode, name)) > 0)
            errno = Errno.None;
        return errno != Errno.None ? errno : Answer(argument.Size, length, ref reply);
    }

    /// <summary>Lists names, or their length if the size is 0. As on other file systems only privileged users see <c>trusted.*</c>.</summary>
    public static Errno List(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryGetArgument(out FuseGetxattrIn argument))
            return Errno.EINVAL;
        XattrKinds shown = session.HasAcls ? XattrKinds.AccessControlLists : XattrKinds.None;
        if (request.Header.Uid == 0)
            shown |= XattrKinds.Trusted;
        Errno errno = session.FileSystem.ListXattr(request.Inode, Room(argument.Size, in reply), shown, out int length);
        return errno != Errno.None ? errno : Answer(argument.Size, length, ref reply);
    }

    /// <summary>Sets a value: the name comes first.</summary>
    public static Errno Set(FuseSession session, scoped in FuseRequest request)
    {
        if (!request.TryGetArgument(RequestLayout.SetxattrCompatBytes, out FuseSetxattrIn argument))
            return Errno.EINVAL;
        ReadOnlySpan<byte> payload = request.Payload;
        Errno errno = FuseNames.TryTakeXattrName(ref payload, session.HasAcls, out ReadOnlySpan<byte> name);
        if (errno != Errno.None)
            return errno;
        var mode = (XattrMode)argument.Flags;
        if (argument.Size > (uint)payload.Length || mode is not (XattrMode.Any or XattrMode.Create or XattrMode.Replace))
            return Errno.EINVAL;
        bool clearSetGroupId = session.HasSetxattrExt && (argument.SetxattrFlags & FuseSetxattrFlags.AclKillSgid) != 0;
        return session.FileSystem.SetXattr(request.Inode, name, payload[..(int)argument.Size], mode, clearSetGroupId);
    }

    /// <summary>Removes a value.</summary>
    public static Errno Remove(FuseSession session, scoped in FuseRequest request)
    {
        ReadOnlySpan<byte> payload = request.Payload;
        Errno errno = FuseNames.TryTakeXattrName(ref payload, session.HasAcls, out ReadOnlySpan<byte> name);
        return errno != Errno.None ? errno : session.FileSystem.RemoveXattr(request.Inode, name);
    }

    private static Span<byte> Room(uint sizeBytes, scoped in FuseReply reply) =>
        reply.Body[..(int)Math.Min(sizeBytes, (uint)reply.Body.Length)];

    private static Errno Answer(uint sizeBytes, int length, ref FuseReply reply)
    {
        if (sizeBytes != 0)
        {
            reply.Advance(length);
            return Errno.None;
        }

        var body = new FuseGetxattrOut { Size = (uint)length };
        reply.Append(in body);
        return Errno.None;
    }
}
