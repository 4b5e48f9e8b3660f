using Vault.Compare.Results;
using Vault.Compare.Rows;

namespace Vault.Compare.Running;

/// <summary>Collects what was measured, of the rows that were asked for, and says it while the run goes on.</summary>
internal sealed class Recorder(IReadOnlyCollection<Row> asked, Action<string> say)
{
    private readonly List<Cell> _cells = [];

    public IReadOnlyList<Cell> Cells => _cells;

    public void Add(Row row, string system, Measurement measurement)
    {
        if (!asked.Contains(row))
            return;
        Of(row, system).Rounds.Add(measurement);
        say($"  {system,-16} {row.Name,-18} {measurement.Value,12:N2} {row.Unit.Label,-8} {measurement.Cpu,12:N1} us CPU");
    }

    public void Fail(Row row, string system, string message)
    {
        Of(row, system).Failures.Add(message);
        say($"  {system,-16} {row.Name,-18} FAILED: {message}");
    }

    private Cell Of(Row row, string system)
    {
        Cell? cell = _cells.Find(cell => cell.Row == row.Name && cell.System == system);
        if (cell is null)
            _cells.Add(cell = new Cell(row.Name, system));
        return cell;
    }
}
