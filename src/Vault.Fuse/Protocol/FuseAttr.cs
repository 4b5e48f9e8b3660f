using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>An inode's attributes.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_attr", size: 88)]
internal struct FuseAttr
{
    public ulong Ino;

    /// <summary>Bytes.</summary>
    public ulong Size;

    /// <summary>Units of 512 bytes.</summary>
    public ulong Blocks;

    /// <summary>Seconds, two's complement, as the next two.</summary>
    public ulong Atime;

    public ulong Mtime;

    public ulong Ctime;

    /// <summary>Nanoseconds, as the next two.</summary>
    public uint AtimeNsec;

    public uint MtimeNsec;

    public uint CtimeNsec;

    public uint Mode;

    public uint Nlink;

    public uint Uid;

    public uint Gid;

    /// <summary>In <c>new_encode_dev</c> form.</summary>
    public uint Rdev;

    /// <summary><c>st_blksize</c>.</summary>
    public uint Blksize;

    public uint Flags;
}
