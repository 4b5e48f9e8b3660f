using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of <c>FUSE_INIT</c>; the first 16 bytes alone before protocol 7.36.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_init_in", size: 64)]
internal readonly struct FuseInitIn
{
    public readonly uint Major;

    public readonly uint Minor;

    /// <summary>Bytes that the kernel would read ahead.</summary>
    public readonly uint MaxReadahead;

    /// <summary>What the kernel offers: the low half of <see cref="FuseInitFlags"/>.</summary>
    public readonly uint Flags;

    /// <summary>The high half; counts only with <see cref="FuseInitFlags.InitExt"/>.</summary>
    public readonly uint Flags2;

    private readonly Reserved _unused;

    [System.Runtime.CompilerServices.InlineArray(11)]
    private struct Reserved
    {
        private uint _first;
    }
}
