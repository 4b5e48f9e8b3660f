using System.Text.Json;
using System.Text.Json.Serialization;
using Vault.Compare.Systems;

namespace Vault.Compare.Results;

/// <summary>A system as it was compared.</summary>
internal sealed record SystemDescription(string Label, Part Part, string Version, string Options);

/// <summary>How it was measured.</summary>
/// <param name="Rounds">Rounds.</param>
/// <param name="Clients">Processes that do a row's work at once.</param>
/// <param name="Quick">With the small amounts, whose numbers say little.</param>
/// <param name="CachesDropped">False where the right to do so was missing: 'cold' is then a fresh mount only.</param>
/// <param name="SourceTree">What is copied and put in a git repository.</param>
/// <param name="Rows">Names of the rows that were asked for.</param>
internal sealed record SettingsDescription(int Rounds, int Clients, bool Quick, bool CachesDropped, string SourceTree, IReadOnlyList<string> Rows);

/// <summary>All that a run found; the file that reports are made of.</summary>
internal sealed record ComparisonResult(
    MachineDescription Machine, SettingsDescription Settings, IReadOnlyList<SystemDescription> Systems, IReadOnlyList<Cell> Cells)
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    public static ComparisonResult Load(string path) => JsonSerializer.Deserialize<ComparisonResult>(File.ReadAllText(path), s_json)!;

    public void Save(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, s_json) + "\n");
}
