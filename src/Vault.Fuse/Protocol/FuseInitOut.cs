using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Reply to <c>FUSE_INIT</c>, protocol 7.23 and later; later fields than these stay 0.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_init_out", size: 64)]
internal struct FuseInitOut
{
    public uint Major;

    public uint Minor;

    /// <summary>Bytes; can only lower what the kernel has.</summary>
    public uint MaxReadahead;

    /// <summary>What is accepted: the low half of <see cref="FuseInitFlags"/>.</summary>
    public uint Flags;

    /// <summary>Asynchronous requests under way at once.</summary>
    public ushort MaxBackground;

    /// <summary>From how many on the kernel skips optional ones.</summary>
    public ushort CongestionThreshold;

    /// <summary>Bytes of a WRITE at most.</summary>
    public uint MaxWrite;

    /// <summary>Granularity of times in nanoseconds.</summary>
    public uint TimeGran;

    /// <summary>Pages of a request at most; counts only with <see cref="FuseInitFlags.MaxPages"/>.</summary>
    public ushort MaxPages;

    public ushort MapAlignment;

    /// <summary>The high half; counts only with <see cref="FuseInitFlags.InitExt"/>.</summary>
    public uint Flags2;

    private readonly Reserved _unused;

    [System.Runtime.CompilerServices.InlineArray(7)]
    private struct Reserved
    {
        private uint _first;
    }
}
