using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>Reply to GETATTR and SETATTR.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_attr_out", size: 104)]
internal struct FuseAttrOut
{
    /// <summary>Seconds for which the attributes may be cached.</summary>
    public ulong AttrValid;

    public uint AttrValidNsec;

    public uint Dummy;

    public FuseAttr Attr;
}
