namespace Vault.Storage;

/// <summary>What opening found, and what it did about it.</summary>
public sealed record OpeningReport
{
    /// <summary>The generation that was opened.</summary>
    public required ulong Generation { get; init; }

    /// <summary>When it was committed, by the clock of its machine; null if unknown.</summary>
    public required DateTimeOffset? CommitTime { get; init; }

    /// <summary>Whether the last session ended with a lock.</summary>
    public required bool WasClean { get; init; }

    /// <summary>Superblock slots that do not authenticate, or hold an older superblock than they must.</summary>
    public required int DamagedSlots { get; init; }

    /// <summary>The slot of the next generation is the only one that cannot be read: a crash tore it, as a power loss may.</summary>
    public required bool IsNewestTorn { get; init; }

    /// <summary>
    /// Whether newer states are lost. If perhaps, the vault is read-only, unless
    /// <see cref="VaultOpenOptions.AcceptOlderState"/> was set; if they are, it was set.
    /// </summary>
    public required NewerStates NewerStates { get; init; }

    /// <summary>The newest generation that is lost or may be, as far as can be told; <see cref="Generation"/> if none.</summary>
    public required ulong LostThrough { get; init; }

    /// <summary>When the newest lost state was committed; null if unknown.</summary>
    public required DateTimeOffset? LostCommitTime { get; init; }

    /// <summary>Syncs since the generation was committed, which the intent log brought back.</summary>
    public required int ReplayedSyncs { get; init; }

    /// <summary>The log is damaged behind these: what was synced later is lost.</summary>
    public required bool IsLogDamaged { get; init; }

    /// <summary>The damaged slots were written again, all of them.</summary>
    public required bool SlotsMended { get; init; }

    /// <summary>A header copy was damaged or older, and is now as the other one.</summary>
    public required bool HeaderCopyMended { get; init; }
}
