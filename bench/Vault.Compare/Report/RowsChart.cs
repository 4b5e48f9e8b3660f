using Vault.Compare.Results;
using Vault.Compare.Rows;
using Vault.Compare.Systems;

namespace Vault.Compare.Report;

/// <summary>
/// A small chart for each row, a bar for each system, with its number. The plain directory has the number alone: it is often so far ahead that
/// the others could not be told apart.
/// </summary>
internal static class RowsChart
{
    private const int ColumnCount = 3;
    private const double PanelWidth = 300;
    private const double LabelWidth = 92;
    private const double NumberWidth = 56;
    private const double LineHeight = 15;
    private const double Heading = 34;
    private const int LongestTitle = 40;

    public static string Draw(Summary summary)
    {
        IReadOnlyList<SystemDescription> systems = summary.Result.Systems;
        double panelHeight = Heading + (systems.Count * LineHeight) + 14;
        SvgDocument svg = new(ColumnCount * PanelWidth);
        svg.Text(8, 20, "All systems, medians of the rounds", size: 15, bold: true);
        for (int index = 0; index < summary.Rows.Count; index++)
            DrawPanel(svg, summary, summary.Rows[index], index % ColumnCount * PanelWidth, 30 + (index / ColumnCount * panelHeight));
        int lineCount = (summary.Rows.Count + ColumnCount - 1) / ColumnCount;
        return svg.ToText(30 + (lineCount * panelHeight));
    }

    private static void DrawPanel(SvgDocument svg, Summary summary, Row row, double left, double top)
    {
        IReadOnlyList<SystemDescription> systems = summary.Result.Systems;
        double greatest = systems.Max(system => HasBar(system) ? summary.Median(row, system) ?? 0 : 0);
        string title = row.Title.Length > LongestTitle ? row.Title[..(LongestTitle - 2)] + ".." : row.Title;
        svg.Text(left + 8, top + 14, $"{row.Number}  {title}", bold: true);
        svg.Text(left + 8, top + 27, $"{row.Unit.Label}, {(row.Unit.HigherIsBetter ? "more" : "less")} is better", size: 10);
        for (int index = 0; index < systems.Count; index++)
        {
            SystemDescription system = systems[index];
            double y = top + Heading + (index * LineHeight);
            double? value = summary.Median(row, system);
            double length = greatest > 0 && HasBar(system) ? (value ?? 0) / greatest * (PanelWidth - LabelWidth - NumberWidth - 8) : 0;
            svg.Text(left + LabelWidth, y + 10, system.Label, "end", 10);
            if (value is not null && HasBar(system))
                svg.Bar(left + LabelWidth + 6, y + 1, length, LineHeight - 4, Colour(system.Part));
            string number = summary.Cell(row, system) is { Failures.Count: > 0 } ? "failed" : Numbers.Show(value);
            svg.Text(left + LabelWidth + 10 + length, y + 10, number, size: 10);
        }
    }

    private static bool HasBar(SystemDescription system) => system.Part != Part.Plain;

    private static string Colour(Part part) => part switch
    {
        Part.Vaultfs => "#1f7ae0",
        Part.Peer => "#9a8c7a",
        Part.Passthrough => "#bf8700",
        _ => throw new InvalidOperationException($"{part}"),
    };
}
