namespace Vault.Fuse.Protocol;

/// <summary>Flags of <see cref="FuseWriteIn"/>.</summary>
[Flags]
[KernelConstants("FUSE_WRITE_")]
internal enum FuseWriteFlags : uint
{
    /// <summary>Written back from the page cache.</summary>
    Cache = 1 << 0,
    LockOwner = 1 << 1,
    /// <summary>The server must clear the set-id bits.</summary>
    KillSuidgid = 1 << 2,
}
