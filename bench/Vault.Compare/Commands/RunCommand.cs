using System.CommandLine;
using System.Runtime.InteropServices;
using Vault.Compare.Report;
using Vault.Compare.Results;
using Vault.Compare.Rows;
using Vault.Compare.Running;
using Vault.Compare.Systems;

namespace Vault.Compare.Commands;

/// <summary>The comparison itself.</summary>
internal static class RunCommand
{
    private const int Interrupted = 130;
    private const int Failed = 1;
    private const int Usage = 2;

    public static RootCommand Build()
    {
        Option<int> rounds = new("--rounds") { Description = "Rounds; medians are shown", DefaultValueFactory = _ => 5 };
        Option<string?> systems = new("--systems") { Description = $"Separated by commas: {SystemCatalog.Names}. Default: all that are installed" };
        Option<string?> rows = new("--rows") { Description = "Numbers, names or parts of names, separated by commas. Default: all" };
        Option<string> directory = new("--directory") { Description = "Containers lie below it", DefaultValueFactory = _ => "/dev/shm" };
        Option<int> clients = new("--clients") { Description = "Processes that do a row's work at once", DefaultValueFactory = _ => 1 };
        Option<string?> output = new("--output") { Description = "Where results go. Default: bench/results for all of it, artifacts/compare/results for a part" };
        Option<bool> quick = new("--quick") { Description = "Small amounts, to try it" };
        Option<string> vaultOptions = new("--vault-options") { Description = "Added to vaultfs unlock; separated by blanks", DefaultValueFactory = _ => "" };
        Option<bool> readme = new("--readme") { Description = "Put the table into README.md" };
        rounds.Validators.Add(result => AtLeastOne(result, rounds));
        clients.Validators.Add(result => AtLeastOne(result, clients));

        RootCommand command = new("The same work on vaultfs and on other file systems, in turns") { rounds, systems, rows, directory, clients, output, quick, vaultOptions, readme };
        command.SetAction(result =>
        {
            IReadOnlyList<Row>? selected = RowCatalog.Select(result.GetValue(rows), out string problem);
            if (selected is null)
                return Refuse(problem);
            try
            {
                IReadOnlyList<FileSystem> compared = SystemCatalog.Select(
                    result.GetValue(systems), Repository.Root, Repository.Artifacts, result.GetValue(vaultOptions)!.Split(' ', StringSplitOptions.RemoveEmptyEntries), Say);
                bool isPart = result.GetValue(quick) || result.GetValue(rows) is not null || result.GetValue(systems) is not null || result.GetValue(clients) > 1
                    || result.GetValue(vaultOptions)!.Length > 0 || result.GetResult(directory) is { Implicit: false };
                string target = result.GetValue(output) ?? (isPart ? Path.Combine(Repository.Artifacts, "results") : Path.Combine(Repository.Root, "bench", "results"));
                ComparisonSettings settings = new(result.GetValue(rounds), result.GetValue(clients), result.GetValue(quick), selected);
                return Run(settings, compared, result.GetValue(directory)!, target, result.GetValue(readme));
            }
            catch (ArgumentException wrong)
            {
                return Refuse(wrong.Message);
            }
        });
        return command;
    }

    private static int Run(ComparisonSettings settings, IReadOnlyList<FileSystem> systems, string directory, string output, bool readme)
    {
        using CancellationTokenSource cancellation = new();
        using PosixSignalRegistration interrupt = OnSignal(PosixSignal.SIGINT, cancellation);
        using PosixSignalRegistration terminate = OnSignal(PosixSignal.SIGTERM, cancellation);
        using PosixSignalRegistration hangUp = OnSignal(PosixSignal.SIGHUP, cancellation);
        if (!Caches.CanDrop)
            Say("Not run as root: caches cannot be dropped, 'cold' is a fresh mount only.");
        ComparisonResult result;
        try
        {
            using Place place = new(directory, cancellation.Token);
            result = new Comparison(settings, place, systems, Say).Run();
        }
        catch (OperationCanceledException)
        {
            Say("Interrupted; everything is unmounted and removed.");
            return Interrupted;
        }
        catch (IOException failure)
        {
            // What belongs to a row fails that row; this is the run itself: no place for it, or a system that cannot be prepared.
            Say(failure.Message);
            return Failed;
        }

        Summary summary = new(result);
        ReportCommand.Tell(ReportFiles.Write(summary, output));
        ConsoleTable.Print(Tables.Medians(summary));
        ConsoleTable.Print(Tables.Cpu(summary));
        if (readme)
            ReportCommand.UpdateReadme(summary);
        return result.Cells.Any(cell => cell.Failures.Count > 0) ? Failed : 0;
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, CancellationTokenSource cancellation) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        cancellation.Cancel();
    });

    private static void AtLeastOne(System.CommandLine.Parsing.OptionResult result, Option<int> option)
    {
        if (result.GetValue(option) < 1)
            result.AddError($"{option.Name} is at least 1.");
    }

    private static int Refuse(string message)
    {
        Say(message);
        return Usage;
    }

    private static void Say(string message) => Console.Error.WriteLine(message);
}
