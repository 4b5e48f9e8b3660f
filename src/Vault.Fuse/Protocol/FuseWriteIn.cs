using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Body of <c>FUSE_WRITE</c>, protocol 7.9 and later; the data follow.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_write_in", size: 40)]
internal readonly struct FuseWriteIn
{
    /// <summary>Guessed by the kernel for cached writes.</summary>
    public readonly ulong Fh;

    /// <summary>Bytes from the start of the file.</summary>
    public readonly ulong Offset;

    /// <summary>Bytes of data.</summary>
    public readonly uint Size;

    public readonly FuseWriteFlags WriteFlags;

    public readonly ulong LockOwner;

    /// <summary>As of <c>open(2)</c>; O_APPEND in it has been applied already.</summary>
    public readonly uint Flags;

    private readonly uint _padding;
}
