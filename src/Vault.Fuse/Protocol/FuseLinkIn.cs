using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of <c>FUSE_LINK</c>; the new name follows, the header names its directory.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_link_in", size: 8)]
internal readonly struct FuseLinkIn
{
    /// <summary>The inode that gets another name.</summary>
    public readonly ulong OldNodeId;
}
