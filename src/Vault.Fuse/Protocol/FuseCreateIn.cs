using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of <c>FUSE_CREATE</c>, protocol 7.12 and later; the name follows.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_create_in", size: 16)]
internal readonly struct FuseCreateIn
{
    /// <summary>As of <c>open(2)</c>.</summary>
    public readonly uint Flags;

    /// <summary>Type and permissions; the kernel has applied the umask unless <see cref="FuseInitFlags.DontMask"/> was negotiated.</summary>
    public readonly uint Mode;

    public readonly uint Umask;

    public readonly FuseOpenInFlags OpenFlags;
}
