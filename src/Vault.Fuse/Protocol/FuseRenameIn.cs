using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of <c>FUSE_RENAME</c>; old and new name follow.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_rename_in", size: 8)]
internal readonly struct FuseRenameIn
{
    /// <summary>The directory of the new name.</summary>
    public readonly ulong Newdir;
}
