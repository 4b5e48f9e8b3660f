namespace Vault.Fuse.Protocol;

/// <summary>Flags of <see cref="FuseCreateIn"/>.</summary>
[Flags]
[KernelConstants("FUSE_OPEN_")]
internal enum FuseOpenInFlags : uint
{
    /// <summary>The server must clear the set-id bits if it truncates.</summary>
    KillSuidgid = 1 << 0,
}
