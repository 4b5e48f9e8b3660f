using Vault.Compare.Rows;

namespace Vault.Compare.Report;

/// <summary>One bar a row: how many times better than the best peer vaultfs is. The scale is logarithmic: twice and half look alike.</summary>
internal static class RatioChart
{
    private const double Width = 860;
    private const double LabelWidth = 400;
    private const double Top = 64;
    private const double LineHeight = 22;
    private const double Limit = 3; // Powers of two, each way.
    private const string Better = "#2da44e";
    private const string Worse = "#e5534b";
    private const string TargetColour = "#bf8700";

    public static string? Draw(Summary summary)
    {
        Row[] rows = [.. summary.Rows.Where(row => Goodness(row, summary.Ratio(row, Reference.BestPeer)) is not null)];
        if (rows.Length == 0)
            return null;
        SvgDocument svg = new(Width);
        double bottom = Top + (rows.Length * LineHeight);
        svg.Text(8, 20, "vaultfs against the best encrypted peer of each row", size: 15, bold: true);
        svg.Text(8, 38, $"how many times better; the mark is the target. {summary.Result.Machine.Cpu}, {summary.Result.Machine.CpuCount} CPUs, Linux {summary.Result.Machine.Kernel}");
        for (double power = -Limit; power <= Limit; power++)
        {
            svg.Line(X(power), Top - 6, X(power), bottom, SvgDocument.Faint, power == 0 ? 2 : 1);
            svg.Text(X(power), Top - 10, power < 0 ? $"1/{Math.Pow(2, -power)}" : $"{Math.Pow(2, power)}x", "middle");
        }

        for (int index = 0; index < rows.Length; index++)
            DrawRow(svg, summary, rows[index], Top + (index * LineHeight));
        return svg.ToText(bottom + 10);
    }

    private static void DrawRow(SvgDocument svg, Summary summary, Row row, double y)
    {
        double ratio = Goodness(row, summary.Ratio(row, Reference.BestPeer))!.Value;
        double end = X(Math.Clamp(Math.Log2(ratio), -Limit, Limit));
        svg.Text(LabelWidth - 12, y + 15, $"{row.Number}  {row.Title}", "end");
        svg.Bar(Math.Min(X(0), end), y + 4, Math.Abs(end - X(0)), LineHeight - 8, ratio >= 1 ? Better : Worse);
        if (row.Target is not null && TargetRatio(summary, row) is { } target)
            svg.Line(X(Math.Log2(target)), y + 1, X(Math.Log2(target)), y + LineHeight - 1, TargetColour, 3);
        svg.Text(Width - 6, y + 15, $"{ratio.ToString("0.00", CultureInfo.InvariantCulture)}x", "end");
    }

    /// <summary>The row's target as a multiple of the best peer, whatever it is stated against.</summary>
    private static double? TargetRatio(Summary summary, Row row)
    {
        double? wanted = row.Target!.Factor * summary.ValueOf(row, row.Target.Against);
        return Goodness(row, wanted / summary.ValueOf(row, Reference.BestPeer)) is { } ratio && Math.Abs(Math.Log2(ratio)) <= Limit ? ratio : null;
    }

    private static double? Goodness(Row row, double? ratio) => ratio is > 0 ? row.Unit.HigherIsBetter ? ratio : 1 / ratio : null;

    private static double X(double power) => LabelWidth + ((power + Limit) / (2 * Limit) * (Width - LabelWidth - 60));
}
