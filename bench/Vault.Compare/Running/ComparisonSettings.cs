using Vault.Compare.Rows;

namespace Vault.Compare.Running;

/// <summary>What was asked for.</summary>
/// <param name="Rounds">At least 1.</param>
/// <param name="Clients">Processes that do a row's work at once, each in a directory of its own.</param>
/// <param name="Quick">Small amounts.</param>
/// <param name="Rows">Those to be measured.</param>
internal sealed record ComparisonSettings(int Rounds, int Clients, bool Quick, IReadOnlyList<Row> Rows);
