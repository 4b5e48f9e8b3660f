using System.Runtime.InteropServices;

namespace Vault.Cli.Interop;

/// <summary><c>struct statx</c> of <c>linux/stat.h</c>, as far as it is used: 256 bytes on every architecture.</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
internal struct Statx
{
    public const ushort S_IFMT = 0xf000;
    public const ushort S_IFDIR = 0x4000;

    public uint Mask;
    public uint BlockSize;
    public ulong Attributes;
    public uint LinkCount;
    public uint UserId;
    public uint GroupId;
    public ushort Mode;
    private readonly ushort _padding;
    public ulong Inode;
    public ulong Size;

    /// <summary>Units of 512 bytes.</summary>
    public ulong Blocks;
}
