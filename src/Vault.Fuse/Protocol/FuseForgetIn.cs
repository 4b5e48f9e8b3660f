using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of <c>FUSE_FORGET</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_forget_in", size: 8)]
internal readonly struct FuseForgetIn
{
    /// <summary>References to take back.</summary>
    public readonly ulong Nlookup;
}
