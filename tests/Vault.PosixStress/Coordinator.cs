using System.Diagnostics;

namespace Vault.PosixStress;

/// <summary>Runs workers round by round, and the remount between two rounds. Touches the tested file system only to read what all share.</summary>
internal sealed class Coordinator(Options options)
{
    private static readonly TimeSpan RoundTimeout = TimeSpan.FromMinutes(3);

    private readonly SharedLog _log = new(options);

    public void Run()
    {
        Stopwatch watch = Stopwatch.StartNew();
        int round = 0;
        for (; round < options.Rounds && (round == 0 || watch.Elapsed.TotalSeconds < options.Seconds); round++)
        {
            if (round > 0 && options.Remount.Length > 0)
                Remount(round);
            RunRound(round);
        }

        Console.WriteLine(
            $"{round} rounds of {options.Processes} processes with {options.Operations} operations each, seed {options.Seed}, in {watch.Elapsed.TotalSeconds:F0} s");
    }

    private void RunRound(int round)
    {
        Process[] workers = [.. Enumerable.Range(0, options.Processes).Select(process => Start(
            Environment.ProcessPath!, options.WorkerArguments(round, process), round))];
        Task<string>[] errors = [.. workers.Select(worker => worker.StandardError.ReadToEndAsync())];
        foreach (Process worker in workers)
        {
            if (worker.WaitForExit(RoundTimeout))
                continue;
            foreach (Process hanging in workers)
                hanging.Kill();
            throw Failure(round, "A worker hangs.");
        }

        for (int process = 0; process < workers.Length; process++)
        {
            if (workers[process].ExitCode != 0)
                throw Failure(round, $"Process {process}: {errors[process].Result}");
            workers[process].Dispose();
        }

        try
        {
            _log.Check(round);
        }
        catch (CaseFailedException e)
        {
            throw Failure(round, e.Message);
        }
    }

    private void Remount(int round)
    {
        using Process remount = Start("/bin/bash", ["-euc", options.Remount], round);
        string error = remount.StandardError.ReadToEnd();
        remount.WaitForExit();
        if (remount.ExitCode != 0)
            throw Failure(round, $"The remount failed: {error}");
    }

    private static Process Start(string program, IEnumerable<string> arguments, int round)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardError = true };
        start.Environment["ROUND"] = Options.Text(round);
        return Process.Start(start)!;
    }

    private CaseFailedException Failure(int round, string message) => new(
        $"Round {round}: {message}\nTo repeat: tests/posix-stress.sh --seed {options.Seed} --rounds {round + 1} --seconds 100000 "
        + $"--processes {options.Processes} --operations {options.Operations}");
}
