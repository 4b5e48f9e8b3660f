using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of <c>FUSE_OPEN</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_open_in", size: 8)]
internal readonly struct FuseOpenIn
{
    /// <summary>As of <c>open(2)</c>, without what the kernel does itself (<c>O_CREAT</c>, <c>O_EXCL</c>, <c>O_TRUNC</c>).</summary>
    public readonly uint Flags;

    public readonly FuseOpenInFlags OpenFlags;
}
