using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>An inode's attributes as <c>statx(2)</c> has them: the layout of <c>struct statx</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_statx", size: 256)]
[KernelSince(39)]
internal struct FuseStatx
{
    /// <summary><c>STATX_BASIC_STATS</c> and <c>STATX_BTIME</c>: all that is filled in here.</summary>
    public const uint BasicStatsAndBirthTime = 0x7FF | 0x800;

    /// <summary>Which fields hold something.</summary>
    public uint Mask;

    public uint Blksize;

    /// <summary>The kernel does not hand them on.</summary>
    public ulong Attributes;

    public uint Nlink;

    public uint Uid;

    public uint Gid;

    public ushort Mode;

    private readonly ushort _spare0;

    public ulong Ino;

    public ulong Size;

    /// <summary>Units of 512 bytes.</summary>
    public ulong Blocks;

    public ulong AttributesMask;

    public FuseSxTime Atime;

    public FuseSxTime Btime;

    public FuseSxTime Ctime;

    public FuseSxTime Mtime;

    public uint RdevMajor;

    public uint RdevMinor;

    public uint DevMajor;

    public uint DevMinor;

    private readonly Reserved _spare2;

    [System.Runtime.CompilerServices.InlineArray(14)]
    private struct Reserved
    {
        private ulong _first;
    }
}
