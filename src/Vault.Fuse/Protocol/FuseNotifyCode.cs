namespace Vault.Fuse.Protocol;

/// <summary><c>enum fuse_notify_code</c>: in place of an error, in a message that answers no request.</summary>
[KernelConstants("FUSE_NOTIFY_")]
internal enum FuseNotifyCode
{
    /// <summary>What is cached of an inode is old.</summary>
    InvalInode = 2,
}
