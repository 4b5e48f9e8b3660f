using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of <c>FUSE_RENAME2</c>; old and new name follow.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_rename2_in", size: 16)]
internal readonly struct FuseRename2In
{
    /// <summary>The directory of the new name.</summary>
    public readonly ulong Newdir;

    /// <summary>As of <c>renameat2(2)</c>.</summary>
    public readonly uint Flags;

    private readonly uint _padding;
}
