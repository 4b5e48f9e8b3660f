using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Reply to <c>FUSE_WRITE</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_write_out", size: 8)]
internal struct FuseWriteOut
{
    /// <summary>Bytes written: all, or the application gets EIO.</summary>
    public uint Size;

    private readonly uint _padding;
}
