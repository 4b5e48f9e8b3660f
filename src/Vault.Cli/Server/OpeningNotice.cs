using System.Globalization;
using Vault.Storage;

namespace Vault.Cli;

/// <summary>What unlock says of how it found the vault: one line, or none after a lock.</summary>
/// <param name="Text">One or two sentences.</param>
/// <param name="IsWarning">Whether something is lost, or may be.</param>
internal sealed record OpeningNotice(string Text, bool IsWarning)
{
    /// <param name="report">What opening found.</param>
    /// <param name="isReadOnly">Whether the vault is served read-only.</param>
    /// <returns>Null if there is nothing to say.</returns>
    public static OpeningNotice? Of(OpeningReport report, bool isReadOnly)
    {
        if (report.NewerStates != NewerStates.None)
        {
            return new OpeningNotice(OfLoss(report, isReadOnly), IsWarning: true);
        }

        if (report.IsLogDamaged)
        {
            return new OpeningNotice($"What was synced to the vault after {Opened(report)}{Syncs(report)} is lost: its log is damaged. It goes on from there.", IsWarning: true);
        }

        string[] sentences = [.. Sentences(report)];
        return sentences.Length == 0 ? null : new OpeningNotice(string.Join(' ', sentences), IsWarning: false);
    }

    private static IEnumerable<string> Sentences(OpeningReport report)
    {
        if (report.IsNewestTorn)
        {
            yield return $"The vault was not locked, and its newest superblock is torn, as a power loss may leave it: opened as of {Opened(report)}{Since(report)}.";
        }
        else if (!report.WasClean)
        {
            yield return $"The vault was not locked: opened as of {Opened(report)}{Since(report)}.";
        }
        else if (report.DamagedSlots > 0)
        {
            yield return $"{report.DamagedSlots} of the vault's superblock slots cannot be read; none of them is needed{(report.SlotsMended ? ", and all were written again" : "")}.";
        }

        if (report.HeaderCopyMended)
        {
            yield return "A copy of its header was damaged or old; it was written again.";
        }
    }

    private static string OfLoss(OpeningReport report, bool isReadOnly)
    {
        string lost = report.NewerStates == NewerStates.Lost ? "is lost" : "may be lost";
        string through = $"generation {report.LostThrough}{(report.LostCommitTime is { } time ? $" of {Time(time)}" : "")}";
        string consequence = isReadOnly
            ? "It is unlocked read-only: copy out what you need. --accept-older-state goes on from there."
            : "It goes on from there.";
        return $"What was written to the vault after {Opened(report)}, up to {through}, {lost}. {consequence}";
    }

    private static string Since(OpeningReport report) =>
        report.ReplayedSyncs == 0 ? "; everything synced by then is there" : $"{Syncs(report)}; everything synced is there";

    private static string Syncs(OpeningReport report) => report.ReplayedSyncs switch
    {
        0 => "",
        1 => " and one sync since",
        int syncs => $" and {syncs} syncs since",
    };

    private static string Opened(OpeningReport report) =>
        report.CommitTime is { } time ? $"{Time(time)} (generation {report.Generation})" : $"generation {report.Generation}";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
