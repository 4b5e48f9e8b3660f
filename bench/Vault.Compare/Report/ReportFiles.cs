namespace Vault.Compare.Report;

/// <summary>The files that are made of a result.</summary>
internal static class ReportFiles
{
    public const string Json = "compare.json";

    public static IReadOnlyList<string> Write(Summary summary, string directory)
    {
        _ = Directory.CreateDirectory(directory);
        List<string> written = [];
        summary.Result.Save(At(Json));
        File.WriteAllText(At("compare.md"), MarkdownReport.Write(summary));
        File.WriteAllText(At("compare-rows.svg"), RowsChart.Draw(summary));
        if (RatioChart.Draw(summary) is { } ratios)
            File.WriteAllText(At("compare-ratios.svg"), ratios);
        return written;

        string At(string name)
        {
            written.Add(Path.Combine(directory, name));
            return written[^1];
        }
    }
}
