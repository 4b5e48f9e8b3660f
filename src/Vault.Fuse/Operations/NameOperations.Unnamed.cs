using Vault.Fuse.Dispatch;
using Vault.Fuse.Protocol;
using Vault.Storage;

namespace Vault.Fuse.Operations;

/// <content>TMPFILE: makes and opens a regular file without a name (<c>O_TMPFILE</c>), which LINK may give one.</content>
internal static partial class NameOperations
{
    /// <summary>Makes it; the header names the directory, whose place and rules it has. The name in the request means nothing.</summary>
    public static Errno CreateUnnamed(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryGetArgument(out FuseCreateIn argument))
            return Errno.EINVAL;
        ReadOnlySpan<byte> payload = request.Payload;
        Errno errno = FuseNames.TrySkipName(ref payload);
        if (errno != Errno.None)
            return errno;
        NewNode node = NodeOf(session, in request, (argument.Mode & ModeBits.PermissionMask) | ModeBits.RegularFile, argument.Umask);
        errno = session.FileSystem.CreateUnnamed(request.Inode, in node, out InodeAttributes attributes);
        if (errno == Errno.None)
            AppendOpened(ref reply, in attributes, argument.Flags);
        return errno;
    }
}
