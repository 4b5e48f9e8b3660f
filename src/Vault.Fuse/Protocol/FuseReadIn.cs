using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of READ, READDIR and READDIRPLUS, protocol 7.9 and later.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_read_in", size: 40)]
internal readonly struct FuseReadIn
{
    public readonly ulong Fh;

    /// <summary>Bytes from the start of the file; a cookie where a directory is read.</summary>
    public readonly ulong Offset;

    /// <summary>Bytes wanted.</summary>
    public readonly uint Size;

    public readonly uint ReadFlags;

    public readonly ulong LockOwner;

    public readonly uint Flags;

    private readonly uint _padding;
}
