using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Reply to <c>FUSE_STATFS</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_kstatfs", size: 80)]
internal struct FuseKstatfs
{
    /// <summary>Of <see cref="Frsize"/> bytes, as the next two.</summary>
    public ulong Blocks;

    public ulong Bfree;

    public ulong Bavail;

    public ulong Files;

    public ulong Ffree;

    public uint Bsize;

    /// <summary>Bytes of a name at most.</summary>
    public uint Namelen;

    public uint Frsize;

    private readonly uint _padding;

    private readonly Reserved _spare;

    [System.Runtime.CompilerServices.InlineArray(6)]
    private struct Reserved
    {
        private uint _first;
    }
}
