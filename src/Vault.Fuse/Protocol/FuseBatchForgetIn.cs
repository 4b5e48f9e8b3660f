using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of <c>FUSE_BATCH_FORGET</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_batch_forget_in", size: 8)]
internal readonly struct FuseBatchForgetIn
{
    /// <summary>Items that follow.</summary>
    public readonly uint Count;

    private readonly uint _dummy;
}
