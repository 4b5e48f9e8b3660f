using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Reply to GETXATTR and LISTXATTR when the length was asked for.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_getxattr_out", size: 8)]
internal struct FuseGetxattrOut
{
    /// <summary>Bytes.</summary>
    public uint Size;

    private readonly uint _padding;
}
