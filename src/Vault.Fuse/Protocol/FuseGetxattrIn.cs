using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of GETXATTR (the name follows) and LISTXATTR.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_getxattr_in", size: 8)]
internal readonly struct FuseGetxattrIn
{
    /// <summary>Bytes that fit; 0 asks for the length.</summary>
    public readonly uint Size;

    private readonly uint _padding;
}
