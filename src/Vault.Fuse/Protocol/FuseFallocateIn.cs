using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of <c>FUSE_FALLOCATE</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_fallocate_in", size: 32)]
internal readonly struct FuseFallocateIn
{
    public readonly ulong Fh;

    /// <summary>Bytes from the start of the file.</summary>
    public readonly ulong Offset;

    /// <summary>Bytes.</summary>
    public readonly ulong Length;

    /// <summary>As of <c>fallocate(2)</c>.</summary>
    public readonly uint Mode;

    private readonly uint _padding;
}
