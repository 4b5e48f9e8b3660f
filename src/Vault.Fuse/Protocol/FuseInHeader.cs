using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>The start of every request.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_in_header", size: 40)]
internal readonly struct FuseInHeader
{
    /// <summary>Bytes of the request, this header included.</summary>
    public readonly uint Len;

    /// <summary>What is asked.</summary>
    public readonly FuseOpcode Opcode;

    /// <summary>The request's number; the reply repeats it.</summary>
    public readonly ulong Unique;

    /// <summary>The inode concerned; the parent directory where a name follows.</summary>
    public readonly ulong NodeId;

    /// <summary>The caller's file system user.</summary>
    public readonly uint Uid;

    /// <summary>The caller's file system group.</summary>
    public readonly uint Gid;

    /// <summary>The caller's process; 0 for requests of the kernel's own.</summary>
    public readonly uint Pid;

    /// <summary>Length of extensions in units of 8 bytes; 0, as none is negotiated.</summary>
    public readonly ushort TotalExtlen;

    private readonly ushort _padding;
}
