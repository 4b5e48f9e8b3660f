namespace Vault.Storage;

/// <summary>How much free space a container keeps, and when it is worth the effort to give some back. Counts are in blocks.</summary>
internal sealed record SpacePolicy
{
    public static SpacePolicy Default { get; } = new();

    /// <summary>Ready blocks that an open vault keeps at least, beyond the reserve: 4 MiB.</summary>
    public long SmallestPool { get; init; } = 1024;

    /// <summary>Ready blocks that it keeps at most; in between it is a sixteenth of what is used: 256 MiB.</summary>
    public long LargestPool { get; init; } = 64 * 1024;

    /// <summary>Blocks at the end that are worth two commits: 4 MiB, and a sixty-fourth of the container.</summary>
    public ulong SmallestCut { get; init; } = 1024;

    /// <summary>Blocks at the end that are worth a superblock when the vault is closed: 1 MiB.</summary>
    public ulong SmallestCutAtRest { get; init; } = 256;

    /// <summary>Freed blocks that are worth a commit of their own: 4 MiB.</summary>
    public long MuchFreed { get; init; } = 1024;

    /// <summary>Freed blocks that always may wait for the timer: 16 MiB; beyond an eighth of what is used a commit is asked for.</summary>
    public long LargestHeld { get; init; } = 4 * 1024;

    /// <summary>The first segment of an intent log, which a vault has that syncs seldom: 256 KiB.</summary>
    public int FirstLogSegment { get; init; } = 64;

    /// <summary>Segments in which it goes on, if an append fits: as long as a run can be.</summary>
    public int LogSegment { get; init; } = Vault.Storage.LogSegment.MaxBlocks;

    /// <summary>Bitmaps in memory before those are unloaded that hold nothing of worth: 64 GiB of container, 8 MiB of memory.</summary>
    public int SoftPageLimit { get; init; } = 512;

    /// <summary>Bitmaps in memory before those with space to give back are unloaded too.</summary>
    public int HardPageLimit { get; init; } = 4096;
}
