using Vault.Fuse.Dispatch;
using Vault.Fuse.Protocol;

namespace Vault.Fuse.Operations;

/// <summary>What both sides of a connection agree on. docs/fuse.md says why each flag is or is not there.</summary>
internal readonly struct InitAgreement
{
    /// <summary>What is asked for where the kernel offers it, beside what the mount's options decide.</summary>
    /// <remarks>
    /// Never <see cref="FuseInitFlags.AtomicOTrunc"/>: together with ENOSYS to OPEN the kernel then sends nothing at all for
    /// <c>open(O_TRUNC)</c>, and the truncation is lost.
    /// </remarks>
    public const FuseInitFlags Wanted =
        FuseInitFlags.AsyncRead
        | FuseInitFlags.AsyncDio
        | FuseInitFlags.BigWrites
        | FuseInitFlags.MaxPages
        | FuseInitFlags.ParallelDirops
        | FuseInitFlags.DoReaddirplus
        | FuseInitFlags.ReaddirplusAuto
        | FuseInitFlags.ExplicitInvalData
        | FuseInitFlags.CacheSymlinks
        | FuseInitFlags.HandleKillprivV2
        | FuseInitFlags.SetxattrExt
        | FuseInitFlags.AbortError
        | FuseInitFlags.ExportSupport
        | FuseInitFlags.NoOpenSupport
        | FuseInitFlags.NoOpendirSupport
        | FuseInitFlags.InitExt;

    private InitAgreement(FuseInitFlags flags, FuseInitOut reply)
    {
        Flags = flags;
        Reply = reply;
    }

    /// <summary>The capabilities in force.</summary>
    public readonly FuseInitFlags Flags;

    /// <summary>What the kernel is told.</summary>
    public readonly FuseInitOut Reply;

    /// <summary>Answers an offer.</summary>
    /// <param name="offer">The kernel's; its version has been checked.</param>
    /// <param name="wishes">What the mount's options want.</param>
    public static InitAgreement Make(in FuseInitIn offer, ConnectionWishes wishes)
    {
        var offered = (FuseInitFlags)offer.Flags;
        if ((offered & FuseInitFlags.InitExt) != 0)
            offered |= (FuseInitFlags)((ulong)offer.Flags2 << 32);
        FuseInitFlags wanted = Wanted;
        if (wishes.WritebackCache)
            wanted |= FuseInitFlags.WritebackCache;

        // Only together: with a default list it must be us who apply the umask, or do not.
        const FuseInitFlags acls = FuseInitFlags.PosixAcl | FuseInitFlags.DontMask;
        if (wishes.AccessControlLists && (offered & acls) == acls)
            wanted |= acls;
        FuseInitFlags flags = offered & wanted;
        var reply = new FuseInitOut
        {
            Major = FuseProtocol.Major,
            Minor = Math.Min(FuseProtocol.Minor, offer.Minor),
            MaxReadahead = offer.MaxReadahead,
            Flags = unchecked((uint)flags),
            MaxBackground = FuseProtocol.MaxBackground,
            CongestionThreshold = FuseProtocol.CongestionThreshold,
            MaxWrite = FuseProtocol.MaxTransferBytes,
            TimeGran = 1,
            MaxPages = FuseProtocol.MaxPages,
            Flags2 = (uint)((ulong)flags >> 32),
        };
        return new InitAgreement(flags, reply);
    }
}
