using Vault.Compare.Results;
using Vault.Compare.Rows;
using Vault.Compare.Systems;

namespace Vault.Compare.Report;

/// <summary>Medians, ratios and targets of a result. The first vaultfs is the one that all are compared with.</summary>
internal sealed class Summary(ComparisonResult result)
{
    public ComparisonResult Result { get; } = result;

    /// <summary>Null if no vaultfs was measured.</summary>
    public SystemDescription? Subject { get; } = result.Systems.FirstOrDefault(system => system.Part == Part.Vaultfs);

    public IReadOnlyList<Row> Rows { get; } = [.. RowCatalog.All.Where(row => result.Settings.Rows.Contains(row.Name)).OrderBy(row => row.Number)];

    /// <summary>Other builds of vaultfs.</summary>
    public IReadOnlyList<SystemDescription> Variants => [.. Result.Systems.Where(system => system.Part == Part.Vaultfs && system != Subject)];

    public Cell? Cell(Row row, SystemDescription system) => Result.Cells.FirstOrDefault(cell => cell.Row == row.Name && cell.System == system.Label);

    /// <returns>Null if there is none, or a round failed.</returns>
    public double? Median(Row row, SystemDescription? system) => Median(row, system, measurement => measurement.Value);

    /// <summary>Microseconds of client and server.</summary>
    public double? Cpu(Row row, SystemDescription? system) => Median(row, system, measurement => measurement.Cpu);

    /// <summary>The least of the encrypted peers.</summary>
    public double? LeastPeerCpu(Row row)
    {
        double[] values = [.. Result.Systems.Where(system => system.Part == Part.Peer).Select(system => Cpu(row, system)).OfType<double>()];
        return values.Length == 0 ? null : values.Min();
    }

    public double? ValueOf(Row row, Reference against) => against switch
    {
        Reference.Nobody => 1,
        Reference.BestPeer => Best(row, system => system.Part == Part.Peer),
        Reference.BestMounted => Best(row, system => system.Part is Part.Peer or Part.Passthrough),
        Reference.Passthrough => Best(row, system => system.Part == Part.Passthrough),
        Reference.Gocryptfs => Best(row, system => system.Label == "gocryptfs"),
        _ => throw new InvalidOperationException($"{against}"),
    };

    /// <summary>vaultfs divided by the reference, in the row's unit: below 1 is better where less is.</summary>
    public double? Ratio(Row row, Reference against) => Median(row, Subject) / ValueOf(row, against);

    /// <returns>Null if there is no target, or not what is needed to tell.</returns>
    public bool? Met(Row row) => row.Target is { } target && Ratio(row, target.Against) is { } ratio
        ? row.Unit.HigherIsBetter ? ratio >= target.Factor : ratio <= target.Factor
        : null;

    private double? Best(Row row, Func<SystemDescription, bool> among)
    {
        double[] values = [.. Result.Systems.Where(among).Select(system => Median(row, system)).OfType<double>()];
        return values.Length == 0 ? null : row.Unit.HigherIsBetter ? values.Max() : values.Min();
    }

    private double? Median(Row row, SystemDescription? system, Func<Measurement, double> value) =>
        system is not null && Cell(row, system) is { Rounds.Count: > 0, Failures.Count: 0 } cell ? Statistics.Median(cell.Rounds.Select(value)) : null;
}
