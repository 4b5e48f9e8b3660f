using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of <c>FUSE_MKNOD</c>, protocol 7.12 and later; the name follows.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_mknod_in", size: 16)]
internal readonly struct FuseMknodIn
{
    /// <summary>Type and permissions; the kernel has applied the umask unless <see cref="FuseInitFlags.DontMask"/> was negotiated.</summary>
    public readonly uint Mode;

    /// <summary>In <c>new_encode_dev</c> form.</summary>
    public readonly uint Rdev;

    public readonly uint Umask;

    private readonly uint _padding;
}
