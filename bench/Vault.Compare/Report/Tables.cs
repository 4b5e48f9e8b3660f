using Vault.Compare.Results;
using Vault.Compare.Rows;
using Vault.Compare.Systems;

namespace Vault.Compare.Report;

/// <summary>The tables of a result.</summary>
internal static class Tables
{
    /// <summary>Medians of the rounds, ratios of vaultfs, and targets.</summary>
    public static Grid Medians(Summary summary) => new(
        ["", "", "", .. Labels(summary), .. Ratios(summary).Select(ratio => ratio.Heading), "target", "met"], 3,
        [.. summary.Rows.Select(row => (IReadOnlyList<string>)
        [
            $"{row.Number}", row.Title, row.Unit.Label,
            .. summary.Result.Systems.Select(system => summary.Cell(row, system) is { Failures.Count: > 0 } ? "failed" : Numbers.Show(summary.Median(row, system))),
            .. Ratios(summary).Select(ratio => Numbers.Ratio(ratio.Of(row))),
            row.Target?.Describe(row.Unit) ?? "", summary.Met(row) switch { true => "yes", false => "**no**", null => "" },
        ])]);

    /// <summary>Microseconds of CPU, client and server, a unit.</summary>
    public static Grid Cpu(Summary summary) => new(
        ["", "", "us a", .. Labels(summary), .. CpuRatios(summary).Select(ratio => ratio.Heading)], 3,
        [.. WithCpu(summary).Select(row => (IReadOnlyList<string>)
        [
            $"{row.Number}", row.Title, row.Unit.CpuLabel,
            .. summary.Result.Systems.Select(system => Numbers.Show(summary.Cpu(row, system))),
            .. CpuRatios(summary).Select(ratio => Numbers.Ratio(ratio.Of(row))),
        ])]);

    /// <summary>The least and the greatest of the rounds.</summary>
    public static Grid Spread(Summary summary) => new(
        ["", "", "", .. Labels(summary)], 3,
        [.. summary.Rows.Select(row => (IReadOnlyList<string>)
            [$"{row.Number}", row.Title, row.Unit.Label, .. summary.Result.Systems.Select(system => Range(summary.Cell(row, system)))])]);

    private static IEnumerable<string> Labels(Summary summary) => summary.Result.Systems.Select(system => system.Label);

    private static IEnumerable<Row> WithCpu(Summary summary) => summary.Rows.Where(row => row.Group != RowGroup.Seen);

    private static string Range(Cell? cell) => cell is not { Rounds.Count: > 0 }
        ? "-"
        : $"{Numbers.Show(cell.Rounds.Min(round => round.Value))} .. {Numbers.Show(cell.Rounds.Max(round => round.Value))}";

    private static IEnumerable<(string Heading, Func<Row, double?> Of)> Ratios(Summary summary)
    {
        IReadOnlyList<SystemDescription> systems = summary.Result.Systems;
        if (summary.Subject is null)
            yield break;
        if (systems.Any(system => system.Part == Part.Peer))
            yield return ("/ best peer", row => summary.Ratio(row, Reference.BestPeer));
        if (systems.Any(system => system.Part == Part.Passthrough))
            yield return ("/ passthrough", row => summary.Ratio(row, Reference.Passthrough));
        foreach (SystemDescription variant in summary.Variants)
            yield return ($"/ {variant.Label}", row => summary.Median(row, summary.Subject) / summary.Median(row, variant));
    }

    private static IEnumerable<(string Heading, Func<Row, double?> Of)> CpuRatios(Summary summary)
    {
        if (summary.Subject is null)
            yield break;
        if (summary.Result.Systems.Any(system => system.Part == Part.Peer))
            yield return ("/ best peer", row => summary.Cpu(row, summary.Subject) / summary.LeastPeerCpu(row));
        foreach (SystemDescription variant in summary.Variants)
            yield return ($"/ {variant.Label}", row => summary.Cpu(row, summary.Subject) / summary.Cpu(row, variant));
    }
}
