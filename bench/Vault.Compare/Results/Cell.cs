namespace Vault.Compare.Results;

/// <summary>All rounds of a row of a system.</summary>
internal sealed record Cell(string Row, string System)
{
    public List<Measurement> Rounds { get; init; } = [];

    /// <summary>What went wrong, a message for each round in which something did.</summary>
    public List<string> Failures { get; init; } = [];
}
