using Microsoft.Extensions.Logging;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>How to open a vault.</summary>
public sealed record VaultOpenOptions
{
    /// <summary>Changes are refused; nothing is written.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>
    /// Go on from the newest state that is whole even if a newer one was durable and is lost, or may be: what was
    /// written since is given up. Without it such a vault is refused, or opens read-only.
    /// </summary>
    public bool AcceptOlderState { get; init; }

    /// <summary>Bytes of verified tree pages kept in memory.</summary>
    public long PageCacheBytes { get; init; } = 48L << 20;

    /// <summary>Bytes of file data written but not yet sealed.</summary>
    public long DirtyDataBytes { get; init; } = 32L << 20;

    /// <summary>How often changes are committed.</summary>
    public TimeSpan CommitInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How much free space the container keeps.</summary>
    internal SpacePolicy SpacePolicy { get; init; } = SpacePolicy.Default;

    /// <summary>Where time stamps come from.</summary>
    public Clock Clock { get; init; } = Clock.System;

    /// <summary>Session salts come from here.</summary>
    public RandomSource Random { get; init; } = RandomSource.System;

    /// <summary>
    /// Whether commits on a timer and deletions of large files have threads of their own. Without, there are no commits
    /// but those asked for, and who causes a deletion makes it: a seed then determines a run.
    /// </summary>
    internal bool BackgroundThreads { get; init; } = true;

    /// <summary>Receives warnings of damage; ids only, never names.</summary>
    public ILogger? Logger { get; init; }
}
