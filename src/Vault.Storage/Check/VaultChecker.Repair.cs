using Vault.Crypto;

namespace Vault.Storage;

/// <content>Repairing.</content>
public static partial class VaultChecker
{
    /// <summary>
    /// Checks the vault and, if anything is found, makes it consistent: rebuilds the space map, link counts and orphans from the
    /// tree, and mends copies. Removes nothing that can be read; what is lost stays an error to read, and can be overwritten
    /// and deleted. All of it is one commit: what interrupts it leaves the vault as it was.
    /// </summary>
    /// <param name="medium">The container, writable and locked by the caller; stays open.</param>
    /// <param name="master">Of the vault.</param>
    /// <param name="onFinding">Receives what the check before the repair finds; what stays lost is counted in the report.</param>
    /// <param name="progress">Is told of the check before, and then of the check after.</param>
    /// <param name="cancellation">Ends it; nothing is repaired then, or all.</param>
    /// <exception cref="VaultException">
    /// Nothing was repaired: as for <see cref="Check"/>; HeaderRolledBack, NewerStateLost, NoSpace, IoError.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static RepairReport Repair(
        IMedium medium, MasterKey master, Action<CheckFinding> onFinding, IProgress<CheckProgress>? progress, CancellationToken cancellation) =>
        Repair(medium, master, onFinding, progress, new VaultOpenOptions(), cancellation);

    /// <summary>As above, with randomness and clock handed in.</summary>
    internal static RepairReport Repair(
        IMedium medium, MasterKey master, Action<CheckFinding> onFinding, IProgress<CheckProgress>? progress, VaultOpenOptions options, CancellationToken cancellation)
    {
        List<LostRun> lostRuns = [];
        CheckReport before = Run(medium, master, new CheckLog(onFinding, progress, cancellation) { OnLostRun = lostRuns.Add }, cancellation);
        if (before.IsClean)
            return new RepairReport { Actions = [], After = before };
        IReadOnlyList<string> actions = VaultRepair.Run(medium, master, lostRuns, options, cancellation);
        CheckReport after = Run(medium, master, new CheckLog(static _ => { }, progress, cancellation), cancellation);
        return new RepairReport { Actions = actions, After = after };
    }
}
