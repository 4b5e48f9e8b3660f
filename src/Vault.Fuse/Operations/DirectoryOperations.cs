using Vault.Fuse.Dispatch;
using Vault.Fuse.Protocol;
using Vault.Storage;

namespace Vault.Fuse.Operations;

/// <summary>READDIR and READDIRPLUS: the kernel mixes them on one directory, so their cookies are the same.</summary>
internal static class DirectoryOperations
{
    /// <summary>Lists a directory from a cookie on, as far as fits; an empty reply is its end.</summary>
    public static Errno Read(FuseSession session, scoped in FuseRequest request, ref FuseReply reply, bool withEntries)
    {
        if (!request.TryGetArgument(out FuseReadIn argument))
            return Errno.EINVAL;
        int capacity = (int)Math.Min(argument.Size, (uint)reply.Body.Length);
        var writer = new DirectoryWriter(reply.Body[..capacity], withEntries ? session.FileSystem : null);
        Errno errno = session.FileSystem.ReadDirectory(request.Inode, argument.Offset, withEntries, ref writer);

        // What was placed was counted as looked up, so it must be sent; an error comes back with the next call.
        if (writer.Length > 0)
            errno = Errno.None;
        else if (errno == Errno.None && writer.WasFull)
            errno = Errno.EINVAL;
        if (errno != Errno.None)
            return errno;
        session.FileSystem.NoteAccess(request.Inode, session.Wishes.AccessTimes);
        reply.Advance(writer.Length);
        return Errno.None;
    }
}
