using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of <c>FUSE_LSEEK</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_lseek_in", size: 24)]
internal readonly struct FuseLseekIn
{
    public readonly ulong Fh;

    /// <summary>Bytes from the start of the file.</summary>
    public readonly ulong Offset;

    /// <summary><c>SEEK_DATA</c> or <c>SEEK_HOLE</c>; the kernel answers the others itself.</summary>
    public readonly uint Whence;

    private readonly uint _padding;
}
