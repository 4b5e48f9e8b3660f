using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>One of the items that follow <see cref="FuseBatchForgetIn"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_forget_one", size: 16)]
internal readonly struct FuseForgetOne
{
    public readonly ulong NodeId;

    /// <summary>References to take back.</summary>
    public readonly ulong Nlookup;
}
