using System.CommandLine;
using Vault.Compare.Report;
using Vault.Compare.Results;

namespace Vault.Compare.Commands;

/// <summary><c>report RESULT.json</c>: makes the page and the charts again, without measuring.</summary>
internal static class ReportCommand
{
    public static Command Build()
    {
        Argument<string> file = new("RESULT") { Description = "A compare.json" };
        Option<string?> output = new("--output") { Description = "Where the page and the charts go; without it the page is printed" };
        Option<bool> readme = new("--readme") { Description = "Put the table into README.md" };
        Command command = new("report", "Make the page and the charts of a result again") { file, output, readme };
        command.SetAction(result =>
        {
            Summary summary = new(ComparisonResult.Load(result.GetValue(file)!));
            if (result.GetValue(output) is { } directory)
                Tell(ReportFiles.Write(summary, directory));
            else
                Console.Write(MarkdownReport.Write(summary));
            if (result.GetValue(readme))
                UpdateReadme(summary);
            return 0;
        });
        return command;
    }

    public static void Tell(IEnumerable<string> files) => Console.WriteLine("Written: " + string.Join(" ", files));

    public static void UpdateReadme(Summary summary)
    {
        string path = Path.Combine(Repository.Root, "README.md");
        File.WriteAllText(path, ReadmeSection.Replace(File.ReadAllText(path), MarkdownReport.WriteShort(summary)));
    }
}
