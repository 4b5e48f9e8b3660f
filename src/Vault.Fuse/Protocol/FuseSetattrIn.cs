using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of <c>FUSE_SETATTR</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_setattr_in", size: 88)]
internal readonly struct FuseSetattrIn
{
    /// <summary>Which fields count.</summary>
    public readonly FuseSetattrValid Valid;

    private readonly uint _padding;

    public readonly ulong Fh;

    /// <summary>Bytes.</summary>
    public readonly ulong Size;

    public readonly ulong LockOwner;

    /// <summary>Seconds, two's complement, as the next two.</summary>
    public readonly ulong Atime;

    public readonly ulong Mtime;

    public readonly ulong Ctime;

    /// <summary>Nanoseconds, as the next two.</summary>
    public readonly uint AtimeNsec;

    public readonly uint MtimeNsec;

    public readonly uint CtimeNsec;

    public readonly uint Mode;

    private readonly uint _unused4;

    public readonly uint Uid;

    public readonly uint Gid;

    private readonly uint _unused5;
}
