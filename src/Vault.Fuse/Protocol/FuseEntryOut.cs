using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Reply to LOOKUP and to what creates a name.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_entry_out", size: 128)]
internal struct FuseEntryOut
{
    /// <summary>0: there is no such name (and the kernel may remember that).</summary>
    public ulong NodeId;

    /// <summary>0: inode numbers are never reused.</summary>
    public ulong Generation;

    /// <summary>Seconds for which the name may be cached.</summary>
    public ulong EntryValid;

    /// <summary>Seconds for which the attributes may be cached.</summary>
    public ulong AttrValid;

    public uint EntryValidNsec;

    public uint AttrValidNsec;

    public FuseAttr Attr;
}
