using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Reply to STATX.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_statx_out", size: 288)]
[KernelSince(39)]
internal struct FuseStatxOut
{
    /// <summary>Seconds for which the attributes may be cached.</summary>
    public ulong AttrValid;

    public uint AttrValidNsec;

    public uint Flags;

    private readonly ulong _spare0;

    private readonly ulong _spare1;

    public FuseStatx Stat;
}
