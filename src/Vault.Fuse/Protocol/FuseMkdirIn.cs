using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of <c>FUSE_MKDIR</c>; the name follows.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_mkdir_in", size: 8)]
internal readonly struct FuseMkdirIn
{
    /// <summary>Permissions, without the type; the kernel has applied the umask unless <see cref="FuseInitFlags.DontMask"/> was negotiated.</summary>
    public readonly uint Mode;

    public readonly uint Umask;
}
