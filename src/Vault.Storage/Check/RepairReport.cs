namespace Vault.Storage;

/// <summary>What a repair did, and what the check after it found.</summary>
public sealed record RepairReport
{
    /// <summary>What was mended, one English sentence each ("The link count of 3 inodes was corrected."); empty if nothing had to be.</summary>
    public required IReadOnlyList<string> Actions { get; init; }

    /// <summary>The check of the repaired state: what stays lost is still found.</summary>
    public required CheckReport After { get; init; }
}
