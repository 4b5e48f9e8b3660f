using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>An entry of READDIR; the name follows, padded to 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_dirent", size: 24)]
internal struct FuseDirent
{
    public ulong Ino;

    /// <summary>The cookie from which to go on after it.</summary>
    public ulong Off;

    /// <summary>Bytes of the name, without padding.</summary>
    public uint Namelen;

    /// <summary><c>DT_*</c>: the type bits of the mode, shifted right by 12.</summary>
    public uint Type;
}
