using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Second part of the reply to CREATE.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_open_out", size: 16)]
internal struct FuseOpenOut
{
    /// <summary>Comes back with what is done through the open file.</summary>
    public ulong Fh;

    public FuseOpenFlags OpenFlags;

    private readonly uint _padding;
}
