namespace Vault.Fuse.Protocol;

/// <summary>Flags of <see cref="FuseOpenOut"/>.</summary>
[Flags]
[KernelConstants("FOPEN_")]
internal enum FuseOpenFlags : uint
{
    DirectIo = 1 << 0,
    /// <summary>Do not drop cached pages.</summary>
    KeepCache = 1 << 1,
    Nonseekable = 1 << 2,
    CacheDir = 1 << 3,
    Stream = 1 << 4,
    Noflush = 1 << 5,
}
