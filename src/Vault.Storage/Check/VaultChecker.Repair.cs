using Vault.Crypto;

namespace Vault.Storage;

/// <content>Repairing.</content>
public static partial class VaultChecker
{
    /// <summary>
    /// Checks the vault and, if anything is found, makes it consistent: rebuilds the space map, link counts and orphans from the
    /// tree, and mends copies. Removes nothing that can be read; what is lost stays an error to read, and can be overwritten
    /// and deleted. It is one commit, and another one where contradictions hid others: what interrupts one leaves the vault as it was.
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
        const int MaxRounds = 4;
        List<string> actions = [];
        for (int round = 0; ; round++)
        {
            List<LostRun> lostRuns = [];
            Action<CheckFinding> sink = round == 0 ? onFinding : static _ => { };
            CheckReport report = Run(medium, master, new CheckLog(sink, progress, cancellation) { OnLostRun = lostRuns.Add }, cancellation);
            if (report.IsClean || round == MaxRounds || (round > 0 && !report.Findings.Keys.Any(CanBeMended)))
                return new RepairReport { Actions = actions, After = report };
            actions.AddRange(VaultRepair.Run(medium, master, lostRuns, options, cancellation));
        }
    }

    // What is lost stays: of other kinds nothing is left by a repair, unless something came to light by it.
    private static bool CanBeMended(CheckFindingKind kind) => kind is not (CheckFindingKind.FileData or CheckFindingKind.Inode);
}
