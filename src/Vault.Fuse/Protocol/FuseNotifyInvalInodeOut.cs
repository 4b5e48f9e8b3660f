using System.Runtime.InteropServices;

namespace Vault.Fuse.Protocol;

/// <summary>A notification: what the kernel has cached of an inode is old.</summary>
[StructLayout(LayoutKind.Sequential)]
[KernelStruct("fuse_notify_inval_inode_out", size: 24)]
internal struct FuseNotifyInvalInodeOut
{
    public ulong Ino;

    /// <summary>The first byte of content that is old; negative: only the attributes are.</summary>
    public long Off;

    public long Len;
}
