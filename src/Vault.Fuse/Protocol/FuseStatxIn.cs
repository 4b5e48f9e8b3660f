using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of <c>FUSE_STATX</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_statx_in", size: 24)]
[KernelSince(39)]
internal readonly struct FuseStatxIn
{
    public readonly uint GetattrFlags;

    private readonly uint _reserved;

    public readonly ulong Fh;

    /// <summary>As of <c>statx(2)</c>.</summary>
    public readonly uint SxFlags;

    /// <summary>What is asked for.</summary>
    public readonly uint SxMask;
}
