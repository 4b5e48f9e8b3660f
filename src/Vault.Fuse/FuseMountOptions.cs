using Microsoft.Extensions.Logging;

namespace Vault.Fuse;

/// <summary>How to mount.</summary>
public sealed record FuseMountOptions
{
    /// <summary>An existing, empty directory; absolute.</summary>
    public required string MountPoint { get; init; }

    /// <summary>Shown as the mount's source: the vault's absolute path.</summary>
    public required string Source { get; init; }

    /// <summary>Mount read-only.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Let other users in (they are still held to file permissions).</summary>
    public bool AllowOther { get; init; }

    /// <summary>Let the kernel collect writes.</summary>
    public bool WritebackCache { get; init; } = true;

    /// <summary>Obey POSIX access control lists.</summary>
    public bool AccessControlLists { get; init; } = true;

    /// <summary>Threads that serve requests; 0 chooses.</summary>
    public int ThreadCount { get; init; }

    /// <summary>Receives warnings; ids only, never names.</summary>
    public ILogger? Logger { get; init; }
}
