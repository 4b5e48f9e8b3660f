using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// Copies out of a damaged vault all that still authenticates. Nonce and tag of a page lie in its parent, so pages cannot be
/// looked for: what can be reached are the trees of the superblocks in the ring, up to eight states. The newest two
/// were whole when they were written, older ones are there in parts, and they share pages.
/// </summary>
public static class VaultSalvage
{
    /// <summary>Reads a vault around damage and hands out what it holds. Writes nothing to it; the caller closes the medium.</summary>
    /// <param name="medium">The vault, perhaps cut off: what lies behind its end counts as unreadable.</param>
    /// <param name="master">Its key.</param>
    /// <param name="sink">Receives files and directories; its exceptions end the salvage.</param>
    /// <param name="onFinding">Receives what cannot be read, as it is met.</param>
    /// <param name="progress">Is told now and then, and at the end.</param>
    /// <param name="cancellation">Ends the salvage between two units.</param>
    /// <exception cref="VaultException">
    /// NotAVault, HeaderDamaged, HeaderForged and the like: without a header there is no key. Corrupted: no superblock
    /// authenticates, or no root page under any.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static SalvageReport Run(
        IMedium medium, MasterKey master, ISalvageSink sink, Action<CheckFinding> onFinding, IProgress<CheckProgress>? progress, CancellationToken cancellation)
    {
        VaultHeader header = HeaderCopies.Verify(medium, master);
        using VaultCipher cipher = new(master, header.Id, header.Suite);
        CheckLog log = new(onFinding, progress, cancellation);
        SuperblockRing.Content ring = new SuperblockRing(medium, cipher).Read();
        foreach (int slot in ring.UnreadableSlots)
            log.Add(CheckFindingKind.SuperblockSlot, 0, null, SuperblockRing.OffsetOf(slot), ContainerLayout.BlockSize, "The superblock slot does not authenticate.");
        if (ring.Newest is not { } newest)
            throw new VaultException(VaultFailure.Corrupted, "No superblock of the vault authenticates: nothing leads to its content.");
        SealedUnits units = new(medium, cipher, session: null);
        using SalvageStates states = new(ring.All, units, log, state => LogScan.Of(medium, cipher, state));
        if (states.Count == 0)
            throw new VaultException(VaultFailure.Corrupted, "No root page of the vault's tree can be read: nothing leads to its content.");
        using SalvageContent content = new(states, units, header.ChunkSizeBytes, log);
        using SalvageXattrs xattrs = new(states, sink);
        log.TotalBytes = ((long)newest.Space.TotalBlocks - newest.Space.FreeBlocks) * ContainerLayout.BlockSize;
        SalvageRun run = new(states, content, xattrs, sink, log);
        run.Run();
        log.TotalBytes = log.DoneBytes;
        log.Report();
        return new SalvageReport
        {
            NewestGeneration = states.GenerationOf(0),
            StatesUsed = states.UsedCount,
            Files = run.Files,
            Directories = run.Directories,
            CopiedBytes = run.CopiedBytes,
            IncompleteFiles = run.IncompleteFiles,
            Findings = log.Counts,
        };
    }
}
