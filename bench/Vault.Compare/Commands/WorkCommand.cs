using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Vault.Compare.Interop;
using Vault.Compare.Work;

namespace Vault.Compare.Commands;

/// <summary>
/// A client: <c>Vault.Compare work NAME PLAN</c>. It prepares, says "ready", waits for a line, works, prints its
/// <see cref="WorkResult"/>, waits for another line, and syncs.
/// </summary>
internal static class WorkCommand
{
    public const string Ready = "ready";

    public static Command Build()
    {
        Argument<string> name = new("NAME");
        Argument<string> plan = new("PLAN") { Description = "A WorkPlan as JSON" };
        Command command = new("work", "One client's work; for the comparison's own use") { name, plan };
        command.Hidden = true;
        command.SetAction(result =>
        {
            try
            {
                WorkPlan told = JsonSerializer.Deserialize<WorkPlan>(result.GetValue(plan)!)!;
                Run(WorkCatalog.Make(result.GetValue(name)!, told), told.Directory);
                return 0;
            }
#pragma warning disable CA1031 // Whatever it is, the comparison gets one line of it, and this row fails.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Console.Error.WriteLine($"{failure.GetType().Name}: {failure.Message}");
                return 1;
            }
        });
        return command;
    }

    private static void Run(Workload work, string directory)
    {
        Posix.Warm();
        work.Prepare();
        Console.WriteLine(Ready);
        if (Console.ReadLine() is null)
            return;
        long cpu = Posix.CpuMicroseconds();
        long started = Stopwatch.GetTimestamp();
        long units = work.Run();
        long ended = Stopwatch.GetTimestamp();
        cpu = Posix.CpuMicroseconds() - cpu;
        Console.WriteLine(JsonSerializer.Serialize(new WorkResult(units, started, ended, cpu)));
        if (Console.ReadLine() is not null)
            Settle(directory);
    }

    /// <summary>What the work left to be written is written, so that the server's CPU time for it can be seen.</summary>
    private static void Settle(string directory)
    {
        int fd = Posix.Open(Posix.Path(directory), Posix.OpenRead);
        Posix.SyncFileSystem(fd);
        Posix.SyncDirectory(fd);
        Posix.Close(fd);
    }
}
