using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>A time in <see cref="FuseStatx"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_sx_time", size: 16)]
[KernelSince(39)]
internal struct FuseSxTime
{
    public long TvSec;

    public uint TvNsec;

    private readonly int _reserved;
}
