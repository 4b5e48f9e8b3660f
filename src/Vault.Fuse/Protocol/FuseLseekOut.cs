using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Reply to <c>FUSE_LSEEK</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_lseek_out", size: 8)]
internal struct FuseLseekOut
{
    /// <summary>Bytes from the start of the file.</summary>
    public ulong Offset;
}
