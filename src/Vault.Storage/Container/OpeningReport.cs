namespace Vault.Storage;

/// <summary>What opening found.</summary>
/// <param name="Generation">The generation that was opened.</param>
/// <param name="WasClean">Whether the last session ended with a lock.</param>
/// <param name="DamagedSlots">Superblock slots that did not authenticate.</param>
/// <param name="MayHaveLostStates">
/// The superblocks of both generations after the opened one are unreadable: newer states may be lost. The vault is
/// then read-only, unless <see cref="VaultOpenOptions.WriteAfterLostStates"/> was set.
/// </param>
public sealed record OpeningReport(ulong Generation, bool WasClean, int DamagedSlots, bool MayHaveLostStates);
