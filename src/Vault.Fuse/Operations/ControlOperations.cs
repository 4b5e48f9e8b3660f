using Vault.Fuse.Dispatch;
using Vault.Fuse.Protocol;
using Vault.Storage;

namespace Vault.Fuse.Operations;

/// <summary>INIT and STATFS: what concerns the connection and the file system as a whole.</summary>
internal static class ControlOperations
{
    /// <summary>Settles version, limits and capabilities.</summary>
    public static Errno Init(FuseSession session, scoped in FuseRequest request, ref FuseReply reply)
    {
        if (session.IsInitialized || !request.TryGetArgument(RequestLayout.InitCompatBytes, out FuseInitIn offer))
            return Errno.EINVAL;
        if (offer.Major > FuseProtocol.Major)
        {
            // The kernel then asks again in our version.
            var ours = new FuseInitOut { Major = FuseProtocol.Major, Minor = FuseProtocol.Minor };
            reply.Append(in ours);
            return Errno.None;
        }

        if (offer.Major < FuseProtocol.Major || offer.Minor < FuseProtocol.OldestMinor)
        {
            session.RefuseInit(
                $"the kernel speaks FUSE {offer.Major}.{offer.Minor}, but {FuseProtocol.Major}.{FuseProtocol.OldestMinor} (Linux 5.4) is the oldest that works");
            return Errno.EIO;
        }

        InitAgreement agreement = InitAgreement.Make(in offer, session.Wishes);
        reply.Append(in agreement.Reply);
        session.CompleteInit(agreement.Flags);
        return Errno.None;
    }

    /// <summary>Answers <c>statfs(2)</c>. Inodes are limited by space alone: as many are free as blocks are.</summary>
    public static Errno StatFs(FuseSession session, ref FuseReply reply)
    {
        FileSystemStatistics statistics = session.FileSystem.GetStatistics();
        ulong available = (ulong)Math.Max(statistics.AvailableBlocks, 0);
        var body = new FuseKstatfs
        {
            Blocks = (ulong)Math.Max(statistics.TotalBlocks, 0),
            Bfree = (ulong)Math.Max(statistics.FreeBlocks, 0),
            Bavail = available,
            Files = (ulong)Math.Max(statistics.InodeCount, 0) + available,
            Ffree = available,
            Bsize = (uint)statistics.BlockSizeBytes,
            Frsize = (uint)statistics.BlockSizeBytes,
            Namelen = FuseProtocol.MaxNameBytes,
        };
        reply.Append(in body);
        return Errno.None;
    }
}
