namespace Vault.Storage;

/// <summary>What opening found.</summary>
/// <param name="Generation">The generation that was opened.</param>
/// <param name="WasClean">Whether the last session ended with a lock.</param>
/// <param name="DamagedSlots">Superblock slots that did not authenticate.</param>
public sealed record OpeningReport(ulong Generation, bool WasClean, int DamagedSlots);
