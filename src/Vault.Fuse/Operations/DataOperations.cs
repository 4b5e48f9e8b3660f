using Vault.Fuse.Dispatch;
using Vault.Fuse.Protocol;
using Vault.Storage;

namespace Vault.Fuse.Operations;

/// <summary>READ, WRITE, FSYNC: data go between the transport's buffers and the file system without a copy.</summary>
internal static class DataOperations
{
    /// <summary><c>O_NOATIME</c> (asm-generic/fcntl.h).</summary>
    private const uint OpenWithoutAccessTime = 0x40000;

    /// <summary>Reads straight into the reply; short only at the end of the file.</summary>
    public static Errno Read(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        // More than was negotiated cannot be answered: a short reply would be taken for the end of the file.
        if (!request.TryGetArgument(out FuseReadIn argument) || argument.Size > (uint)reply.Body.Length || argument.Offset > long.MaxValue)
            return Errno.EINVAL;
        Errno errno = session.FileSystem.Read(request.Inode, (long)argument.Offset, reply.Body[..(int)argument.Size], out int count);
        if (errno != Errno.None)
            return errno;
        if ((argument.Flags & OpenWithoutAccessTime) == 0)
            session.FileSystem.NoteAccess(request.Inode, session.Wishes.AccessTimes);
        reply.Advance(count);
        return Errno.None;
    }

    /// <summary>Writes straight from the request. Never checks permissions: cached writes come from nobody in particular.</summary>
    public static Errno Write(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryGetArgument(out FuseWriteIn argument) || argument.Size > (uint)request.Payload.Length)
            return Errno.EINVAL;
        if (argument.Offset > (ulong)long.MaxValue - argument.Size)
            return Errno.EFBIG;

        // The kernel owns the times of what it wrote back itself, and sends them with SETATTR.
        bool isWriteback = session.HasWritebackCache && (argument.WriteFlags & FuseWriteFlags.Cache) != 0;
        bool clearSetIds = (argument.WriteFlags & FuseWriteFlags.KillSuidgid) != 0;
        ReadOnlySpan<byte> data = request.Payload[..(int)argument.Size];
        Errno errno = session.FileSystem.Write(request.Inode, (long)argument.Offset, data, updateTimes: !isWriteback, clearSetIds);
        if (errno != Errno.None)
            return errno;
        if (isWriteback)
            session.BlockCounts.NoteWrite(request.Inode, argument.Offset);
        var body = new FuseWriteOut { Size = argument.Size };
        reply.Append(in body);
        return Errno.None;
    }

    /// <summary>Makes everything durable that has been handed in so far.</summary>
    public static Errno Synchronize(FuseSession session, scoped in FuseRequest request)
    {
        Errno errno = session.FileSystem.Sync();
        if (errno == Errno.None && session.HasWritebackCache)
            session.BlockCounts.NoteSync(request.Inode);
        return errno;
    }
}
