using Spectre.Console;

namespace Vault.Compare.Report;

internal static class ConsoleTable
{
    private const int LeastWidth = 230;

    public static void Print(Grid grid)
    {
        Table table = new();
        _ = table.Border(TableBorder.Ascii2);
        for (int index = 0; index < grid.Columns.Count; index++)
        {
            TableColumn column = new(Markup.Escape(grid.Columns[index])) { NoWrap = index != 1 };
            _ = table.AddColumn(index < grid.LeftCount ? column.LeftAligned() : column.RightAligned());
        }

        foreach (IReadOnlyList<string> line in grid.Lines)
            _ = table.AddRow([.. line.Select(cell => Markup.Escape(cell.Replace("**", "", StringComparison.Ordinal)))]);
        // A pipe has no width, and a table that is cut or wrapped to 80 columns cannot be read.
        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, LeastWidth);
        AnsiConsole.Write(table);
    }
}
