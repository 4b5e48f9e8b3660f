using Vault.Crypto;

namespace Vault.Storage;

/// <summary>Checks a vault that is not mounted.</summary>
public static partial class VaultChecker
{
    /// <summary>
    /// Verifies the newest state as a whole: every block, both copies of what is stored twice, and that the tables and the
    /// space map agree. Nothing is written. Memory: about 30 bytes an inode and 32 MiB for each full TiB of the container.
    /// </summary>
    /// <param name="medium">The container; stays open.</param>
    /// <param name="master">Of the vault.</param>
    /// <param name="onFinding">Receives each finding when it is made, on the caller's thread.</param>
    /// <param name="progress">Is told every few MiB, on the caller's thread.</param>
    /// <param name="cancellation">Ends the check.</param>
    /// <exception cref="VaultException">There is no state to check: HeaderDamaged, HeaderForged, Corrupted and the like.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static CheckReport Check(
        IMedium medium, MasterKey master, Action<CheckFinding> onFinding, IProgress<CheckProgress>? progress, CancellationToken cancellation) =>
        Run(medium, master, new CheckLog(onFinding, progress, cancellation), cancellation);

    private static CheckReport Run(IMedium medium, MasterKey master, CheckLog log, CancellationToken cancellation)
    {
        VaultHeader header = HeaderCopies.Verify(medium, master);
        using VaultCipher cipher = new(master, header.Id, header.Suite);
        SuperblockRing.Content ring = new SuperblockRing(medium, cipher).Read();
        if (ring.Newest is not { } newest)
            throw new VaultException(VaultFailure.Corrupted, "No superblock of the vault authenticates. Restore it from a backup.");
        FixedPartsCheck.Header(medium, header, newest, log);
        FixedPartsCheck.Slots(ring.BadSlots, log);
        FixedPartsCheck.Length(medium, newest, log);
        LogCheck.Content(medium, cipher, newest, log);
        return StateCheck.Run(medium, cipher, newest, header.ChunkSizeBytes, log, cancellation);
    }
}
