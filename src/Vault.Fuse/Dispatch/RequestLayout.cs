using System.Runtime.CompilerServices;
using Vault.Fuse.Protocol;

namespace Vault.Fuse.Dispatch;

/// <summary>Where the argument of a request ends and its payload begins.</summary>
internal static class RequestLayout
{
    /// <summary>Bytes of the operation's structure; 0 where the payload follows the header or nothing is read from it.</summary>
    /// <param name="opcode">The operation.</param>
    /// <param name="hasSetxattrExt">Whether <see cref="FuseInitFlags.SetxattrExt"/> was negotiated.</param>
    public static int ArgumentBytes(FuseOpcode opcode, bool hasSetxattrExt) => opcode switch
    {
        FuseOpcode.Init => Unsafe.SizeOf<FuseInitIn>(),
        FuseOpcode.Forget => Unsafe.SizeOf<FuseForgetIn>(),
        FuseOpcode.BatchForget => Unsafe.SizeOf<FuseBatchForgetIn>(),
        FuseOpcode.SetAttr => Unsafe.SizeOf<FuseSetattrIn>(),
        FuseOpcode.MkNod => Unsafe.SizeOf<FuseMknodIn>(),
        FuseOpcode.MkDir => Unsafe.SizeOf<FuseMkdirIn>(),
        FuseOpcode.Rename => Unsafe.SizeOf<FuseRenameIn>(),
        FuseOpcode.Rename2 => Unsafe.SizeOf<FuseRename2In>(),
        FuseOpcode.Link => Unsafe.SizeOf<FuseLinkIn>(),
        FuseOpcode.Create or FuseOpcode.TmpFile => Unsafe.SizeOf<FuseCreateIn>(),
        FuseOpcode.Open => Unsafe.SizeOf<FuseOpenIn>(),
        FuseOpcode.Ioctl => Unsafe.SizeOf<FuseIoctlIn>(),
        FuseOpcode.Statx => Unsafe.SizeOf<FuseStatxIn>(),
        FuseOpcode.Read or FuseOpcode.ReadDir or FuseOpcode.ReadDirPlus => Unsafe.SizeOf<FuseReadIn>(),
        FuseOpcode.Write => Unsafe.SizeOf<FuseWriteIn>(),
        FuseOpcode.Fallocate => Unsafe.SizeOf<FuseFallocateIn>(),
        FuseOpcode.LSeek => Unsafe.SizeOf<FuseLseekIn>(),
        FuseOpcode.CopyFileRange or FuseProtocol.CopyFileRange64 => Unsafe.SizeOf<FuseCopyFileRangeIn>(),
        FuseOpcode.GetXattr or FuseOpcode.ListXattr => Unsafe.SizeOf<FuseGetxattrIn>(),
        FuseOpcode.SetXattr => hasSetxattrExt ? Unsafe.SizeOf<FuseSetxattrIn>() : SetxattrCompatBytes,
        _ => 0,
    };

    /// <summary><c>FUSE_COMPAT_SETXATTR_IN_SIZE</c>.</summary>
    public const int SetxattrCompatBytes = 8;

    /// <summary>Bytes of <see cref="FuseInitIn"/> before protocol 7.36.</summary>
    public const int InitCompatBytes = 16;
}
