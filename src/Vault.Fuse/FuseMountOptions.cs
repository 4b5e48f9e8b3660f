using Microsoft.Extensions.Logging;
using Vault.Storage;

namespace Vault.Fuse;

/// <summary>How to mount.</summary>
public sealed record FuseMountOptions
{
    /// <summary>An existing, empty directory; absolute.</summary>
    public required string MountPoint { get; init; }

    /// <summary>Shown as the mount's source: the vault's absolute path, or a name in place of it.</summary>
    public required string Source { get; init; }

    /// <summary>Mount read-only.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Let other users in (they are still held to file permissions).</summary>
    public bool AllowOther { get; init; }

    /// <summary>Obey set-user-id and set-group-id bits and file capabilities. Root only.</summary>
    public bool AllowSetId { get; init; }

    /// <summary>Obey device nodes. Root only.</summary>
    public bool AllowDevices { get; init; }

    /// <summary>Execute no program.</summary>
    public bool NoExecution { get; init; }

    /// <summary>Make every change durable before it returns.</summary>
    public bool Synchronous { get; init; }

    /// <summary>Make every change of a directory durable before it returns.</summary>
    public bool SynchronousNames { get; init; }

    /// <summary>When reading sets the time of last access.</summary>
    public AccessTimes AccessTimes { get; init; }

    /// <summary>Let the kernel collect writes.</summary>
    public bool WritebackCache { get; init; } = true;

    /// <summary>Obey POSIX access control lists.</summary>
    public bool AccessControlLists { get; init; } = true;

    /// <summary>Threads that serve requests; 0 chooses.</summary>
    public int ThreadCount { get; init; }

    /// <summary>Receives warnings; ids only, never names.</summary>
    public ILogger? Logger { get; init; }
}
