using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of <c>FUSE_SETXATTR</c>: 8 bytes unless <see cref="FuseInitFlags.SetxattrExt"/> was negotiated; name and value follow.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_setxattr_in", size: 16)]
internal readonly struct FuseSetxattrIn
{
    /// <summary>Bytes of the value.</summary>
    public readonly uint Size;

    /// <summary>As of <c>setxattr(2)</c>.</summary>
    public readonly uint Flags;

    public readonly FuseSetxattrFlags SetxattrFlags;

    private readonly uint _padding;
}
