namespace Vault.Compare.Report;

/// <summary>A table as text, for any output.</summary>
/// <param name="Columns">Their headings; the first <paramref name="LeftCount"/> are aligned left.</param>
/// <param name="LeftCount">How many.</param>
/// <param name="Lines">As many texts as columns, each.</param>
internal sealed record Grid(IReadOnlyList<string> Columns, int LeftCount, IReadOnlyList<IReadOnlyList<string>> Lines)
{
    public string ToMarkdown()
    {
        StringBuilder text = new();
        Append(Columns);
        Append(Columns.Select((_, index) => index < LeftCount ? "---" : "---:"));
        foreach (IReadOnlyList<string> line in Lines)
            Append(line);
        return text.ToString();

        void Append(IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
    }
}
