using System.Runtime.CompilerServices;
using Vault.Fuse.Operations;
using Vault.Fuse.Protocol;
using Vault.Storage;

namespace Vault.Fuse.Dispatch;

/// <summary>Maps a request to its operation and makes the header of the reply. Allocates nothing; used by all threads at once.</summary>
internal sealed class FuseDispatcher(FuseSession session)
{
    /// <summary>Serves one request.</summary>
    /// <param name="header">The request's header: untrusted.</param>
    /// <param name="argument">The operation's structure (<see cref="RequestLayout"/>): untrusted, may be too short.</param>
    /// <param name="payload">What follows it: untrusted.</param>
    /// <param name="body">Receives the reply's body, of <c>Len</c> less the header's size bytes.</param>
    /// <param name="replyHeader">The reply's header.</param>
    /// <returns><see langword="false"/> if the operation has no reply.</returns>
    public bool Dispatch(in FuseInHeader header, ReadOnlySpan<byte> argument, ReadOnlySpan<byte> payload, Span<byte> body, out FuseOutHeader replyHeader)
    {
        var reply = new FuseReply(body);
        Errno errno;
        try
        {
            int extensionBytes = header.TotalExtlen * 8;
            errno = extensionBytes > payload.Length
                ? Errno.EINVAL
                : Run(new FuseRequest(in header, argument, payload[..^extensionBytes]), ref reply);
            if (errno == Errno.None && session.Wishes.Durable.Include(header.Opcode))
                errno = session.FileSystem.Sync();
        }
#pragma warning disable CA1031 // One failing request must not end the service of all others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            // Without the message, which could hold what was worked on.
            FuseLog.RequestFailed(session.Logger, header.Opcode, header.NodeId, e.GetType().Name, e.StackTrace);
            errno = Errno.EIO;
        }

        int bodyBytes = errno == Errno.None ? reply.Length : 0;
        replyHeader = new FuseOutHeader
        {
            Len = (uint)(Unsafe.SizeOf<FuseOutHeader>() + bodyBytes),
            Error = -(int)errno,
            Unique = header.Unique,
        };
        return HasReply(header.Opcode);
    }

    private static bool HasReply(FuseOpcode opcode) =>
        opcode is not (FuseOpcode.Forget or FuseOpcode.BatchForget or FuseOpcode.Interrupt or FuseOpcode.NotifyReply);

    private Errno Run(scoped in FuseRequest request, ref FuseReply reply) => request.Header.Opcode switch
    {
        FuseOpcode.Lookup => InodeOperations.Lookup(session, in request, ref reply),
        FuseOpcode.Forget => InodeOperations.Forget(session, in request),
        FuseOpcode.BatchForget => InodeOperations.BatchForget(session, in request),
        FuseOpcode.GetAttr => InodeOperations.GetAttributes(session, in request, ref reply),
        FuseOpcode.Statx => InodeOperations.GetExtendedAttributes(session, in request, ref reply),
        FuseOpcode.SetAttr => InodeOperations.SetAttributes(session, in request, ref reply),
        FuseOpcode.ReadLink => InodeOperations.ReadLink(session, in request, ref reply),

        FuseOpcode.Create => NameOperations.Create(session, in request, ref reply),
        FuseOpcode.TmpFile => NameOperations.CreateUnnamed(session, in request, ref reply),
        FuseOpcode.MkNod => NameOperations.MakeNode(session, in request, ref reply),
        FuseOpcode.MkDir => NameOperations.MakeDirectory(session, in request, ref reply),
        FuseOpcode.Symlink => NameOperations.MakeSymlink(session, in request, ref reply),
        FuseOpcode.Link => NameOperations.Link(session, in request, ref reply),
        FuseOpcode.Unlink => NameOperations.Unlink(session, in request),
        FuseOpcode.RmDir => NameOperations.RemoveDirectory(session, in request),
        FuseOpcode.Rename => NameOperations.Rename(session, in request),
        FuseOpcode.Rename2 => NameOperations.Rename2(session, in request),

        FuseOpcode.ReadDir => DirectoryOperations.Read(session, in request, ref reply, withEntries: false),
        FuseOpcode.ReadDirPlus => DirectoryOperations.Read(session, in request, ref reply, withEntries: true),

        FuseOpcode.Read => DataOperations.Read(session, in request, ref reply),
        FuseOpcode.Write => DataOperations.Write(session, in request, ref reply),
        FuseOpcode.Fallocate => RangeOperations.Allocate(session, in request),
        FuseOpcode.LSeek => RangeOperations.Seek(session, in request, ref reply),
        FuseOpcode.CopyFileRange or FuseProtocol.CopyFileRange64 => RangeOperations.Copy(session, in request, ref reply),
        FuseOpcode.FSync => DataOperations.Synchronize(session, in request),
        FuseOpcode.FSyncDir => session.FileSystem.Sync(),

        FuseOpcode.GetXattr => XattrOperations.Get(session, in request, ref reply),
        FuseOpcode.SetXattr => XattrOperations.Set(session, in request),
        FuseOpcode.ListXattr => XattrOperations.List(session, in request, ref reply),
        FuseOpcode.RemoveXattr => XattrOperations.Remove(session, in request),

        FuseOpcode.Init => ControlOperations.Init(session, in request, ref reply),
        FuseOpcode.StatFs => ControlOperations.StatFs(session, ref reply),

        // After ENOSYS to OPEN they come for files that CREATE opened before it; nothing is kept for an open file.
        FuseOpcode.Release or FuseOpcode.ReleaseDir => Errno.None,

        // DESTROY needs no work; INTERRUPT may be ignored, as no operation waits for anything but the disk.
        FuseOpcode.Destroy or FuseOpcode.Interrupt or FuseOpcode.NotifyReply => Errno.None,

        FuseOpcode.Ioctl => FlagOperations.Ioctl(session, in request, ref reply),
        FuseOpcode.Open => FlagOperations.Open(session, in request, ref reply),

        // The kernel remembers ENOSYS to these for ever and does without: no OPEN, OPENDIR or FLUSH per file, no ACCESS
        // beside its own permission check; the others it answers or emulates itself.
        _ => Errno.ENOSYS,
    };
}
