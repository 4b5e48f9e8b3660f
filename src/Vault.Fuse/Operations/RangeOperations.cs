using Vault.Fuse.Dispatch;
using Vault.Fuse.Protocol;
using Vault.Storage;

namespace Vault.Fuse.Operations;

/// <summary>FALLOCATE, LSEEK, COPY_FILE_RANGE in both forms.</summary>
internal static class RangeOperations
{
    /// <summary>What one request may copy: the short form of the reply can tell it, and another thread need not wait for long.</summary>
    private const ulong MaxCopiedBytes = 1 << 30;

    /// <summary>Allocates, punches and zeroes.</summary>
    public static Errno Allocate(FuseSession session, scoped in FuseRequest request)
    {
        if (!request.TryGetArgument(out FuseFallocateIn argument) || argument.Offset > long.MaxValue)
            return Errno.EINVAL;
        if (argument.Length > long.MaxValue)
            return Errno.EFBIG;
        Errno errno = session.FileSystem.Allocate(
            request.Inode, (long)argument.Offset, (long)argument.Length, (AllocationMode)argument.Mode, ClearsSetIds(in request));
        return errno != Errno.None ? errno : OpenHandle.Complete(session, argument.Fh);
    }

    /// <summary>
    /// Finds data and holes. Not with the writeback cache: the kernel does not write back first, so that data which it alone has
    /// would be taken for a hole, and be missing in a copy. It then takes all of a file for data.
    /// </summary>
    public static Errno Seek(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryGetArgument(out FuseLseekIn argument))
            return Errno.EINVAL;
        if (session.HasWritebackCache)
            return Errno.ENOSYS;
        if (argument.Offset > long.MaxValue)
            return Errno.ENXIO;
        Errno errno = session.FileSystem.Seek(request.Inode, (long)argument.Offset, (SeekTarget)argument.Whence, out long position);
        if (errno == Errno.None)
        {
            var body = new FuseLseekOut { Offset = (ulong)position };
            reply.Append(in body);
        }

        return errno;
    }

    /// <summary>Copies within the file system, sharing what can be shared; perhaps less than asked for.</summary>
    public static Errno Copy(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        if (!request.TryGetArgument(out FuseCopyFileRangeIn argument) || argument.Flags != 0 || argument.OffIn > long.MaxValue || argument.OffOut > long.MaxValue)
            return Errno.EINVAL;

        // The kernel cuts the range at the size that it knows, which may be ahead of ours: the rest is a hole then.
        Errno errno = session.FileSystem.CopyRange(
            request.Inode, (long)argument.OffIn, new InodeNumber(argument.NodeidOut), (long)argument.OffOut, (long)Math.Min(argument.Len, MaxCopiedBytes),
            isWithinSource: session.HasWritebackCache, ClearsSetIds(in request), out long copied);
        if (errno == Errno.None)
            errno = OpenHandle.Complete(session, argument.FhOut);
        if (errno != Errno.None)
            return errno;
        if (request.Header.Opcode == FuseProtocol.CopyFileRange64)
        {
            // struct fuse_copy_file_range_out: the number alone.
            ulong body = (ulong)copied;
            reply.Append(in body);
        }
        else
        {
            var body = new FuseWriteOut { Size = (uint)copied };
            reply.Append(in body);
        }

        return Errno.None;
    }

    // The kernel leaves it to the server and does not say whether the caller has CAP_FSETID: who is not root has not.
    private static bool ClearsSetIds(scoped in FuseRequest request) => request.Header.Uid != 0;
}
