using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>The start of every reply.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_out_header", size: 16)]
internal struct FuseOutHeader
{
    /// <summary>Bytes of the reply, this header included.</summary>
    public uint Len;

    /// <summary>0, or a negated errno down to -511.</summary>
    public int Error;

    /// <summary>Repeats the request's number.</summary>
    public ulong Unique;
}
