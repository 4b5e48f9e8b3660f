using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Second part of the reply to CREATE.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_open_out", size: 16)]
internal struct FuseOpenOut
{
    /// <summary>0: there is no state of an open file.</summary>
    public ulong Fh;

    public FuseOpenFlags OpenFlags;

    private readonly uint _padding;
}
