using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of <c>FUSE_IOCTL</c>; <see cref="InSize"/> bytes follow.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_ioctl_in", size: 32)]
internal readonly struct FuseIoctlIn
{
    public readonly ulong Fh;

    public readonly uint Flags;

    /// <summary>The request of <c>ioctl(2)</c>.</summary>
    public readonly uint Cmd;

    public readonly ulong Arg;

    public readonly uint InSize;

    /// <summary>Bytes that may be answered.</summary>
    public readonly uint OutSize;
}
