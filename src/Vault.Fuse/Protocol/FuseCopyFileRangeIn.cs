using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of <c>FUSE_COPY_FILE_RANGE</c>, and of <see cref="FuseProtocol.CopyFileRange64"/>. The header names the source.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_copy_file_range_in", size: 56)]
internal readonly struct FuseCopyFileRangeIn
{
    public readonly ulong FhIn;

    /// <summary>Bytes from the start of the source.</summary>
    public readonly ulong OffIn;

    /// <summary>The destination.</summary>
    public readonly ulong NodeidOut;

    public readonly ulong FhOut;

    /// <summary>Bytes from the start of the destination.</summary>
    public readonly ulong OffOut;

    /// <summary>Bytes.</summary>
    public readonly ulong Len;

    /// <summary>None are defined.</summary>
    public readonly ulong Flags;
}
