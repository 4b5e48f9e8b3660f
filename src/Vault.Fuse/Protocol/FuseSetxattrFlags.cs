namespace Vault.Fuse.Protocol;

/// <summary>Flags of <see cref="FuseSetxattrIn"/>.</summary>
[Flags]
[KernelConstants("FUSE_SETXATTR_")]
internal enum FuseSetxattrFlags : uint
{
    /// <summary>Clear set-group-id: who sets the access control list is not of the file's group.</summary>
    AclKillSgid = 1 << 0,
}
