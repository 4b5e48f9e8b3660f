using Vault.Compare.Results;

namespace Vault.Compare.Report;

/// <summary>A result as a page.</summary>
internal static class MarkdownReport
{
    public static string Write(Summary summary)
    {
        ComparisonResult result = summary.Result;
        StringBuilder text = new();
        text.Append("# vaultfs and others\n\n").Append(Circumstances(result)).Append("\n\n");
        text.Append(
            "Medians of the rounds. 'Peers' are the encrypted ones; ratios are of vaultfs to the best of them in that row, and to passthrough_ll. " +
            "For times and memory less is better.\n\n");
        text.Append(Tables.Medians(summary).ToMarkdown()).Append('\n');
        AppendFailures(text, result);
        text.Append(
            "## CPU time\n\nMicroseconds of client and server together, a unit. Behind the work, what it left to be written is synced; the server's CPU time for that " +
            "is in these numbers, its duration is in no number. The kernel's own threads are not seen. Less is better, in the ratios too.\n\n");
        text.Append(Tables.Cpu(summary).ToMarkdown()).Append('\n');
        text.Append("## Least and greatest\n\n").Append(Tables.Spread(summary).ToMarkdown()).Append('\n');
        text.Append("## Systems\n\n").Append(new Grid(
            ["", "version", "options"], 3,
            [.. result.Systems.Select(system => (IReadOnlyList<string>)[system.Label, system.Version, system.Options])]).ToMarkdown());
        return text.ToString();
    }

    /// <summary>Only the main table, for another page.</summary>
    public static string WriteShort(Summary summary) => $"{Circumstances(summary.Result)}\n\n{Tables.Medians(summary).ToMarkdown()}";

    private static string Circumstances(ComparisonResult result)
    {
        MachineDescription machine = result.Machine;
        SettingsDescription settings = result.Settings;
        string clients = settings.Clients == 1 ? "1 client" : $"{settings.Clients} clients at once";
        string text =
            $"{machine.Date}: Linux {machine.Kernel}, {machine.Distribution}, {machine.Cpu}, {machine.CpuCount} CPUs, {machine.MemoryGib} GiB; containers in {machine.BackingFileSystem}; " +
            $"{settings.Rounds} rounds, {clients}; {settings.SourceTree}; {machine.Runtime}; load before the start {machine.Load}.";
        if (settings.Quick)
            text += " **Quick: an eighth of the file, a tenth of the counts. These numbers say little.**";
        if (!settings.CachesDropped)
            text += " **Not run as root: caches were not dropped, 'cold' means a fresh mount only.**";
        return text;
    }

    private static void AppendFailures(StringBuilder text, ComparisonResult result)
    {
        Cell[] failed = [.. result.Cells.Where(cell => cell.Failures.Count > 0)];
        if (failed.Length == 0)
            return;
        text.Append("## Failures\n\n");
        foreach (Cell cell in failed)
            text.Append(CultureInfo.InvariantCulture, $"* {cell.System}, {cell.Row}, {cell.Failures.Count} of {result.Settings.Rounds} rounds: {cell.Failures[0]}\n");
        text.Append('\n');
    }
}
