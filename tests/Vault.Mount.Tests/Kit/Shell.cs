using System.Diagnostics;

namespace Vault.Mount.Tests.Kit;

/// <summary>Runs programs outside of this process: a mount that hangs must hang them and not the tests.</summary>
internal static class Shell
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(3);

    /// <summary>Runs a bash script that stops at its first error.</summary>
    /// <param name="script">The script.</param>
    /// <param name="environment">Variables in addition; those with a null value are removed.</param>
    /// <param name="timeout">After which it is killed and the test fails.</param>
    public static CommandResult Bash(string script, IReadOnlyDictionary<string, string?>? environment = null, TimeSpan? timeout = null) =>
        Run(["bash", "-euo", "pipefail", "-c", script], "", environment, timeout);

    public static CommandResult Run(IReadOnlyList<string> command, string input = "", IReadOnlyDictionary<string, string?>? environment = null, TimeSpan? timeout = null)
    {
        using Process process = Start(command, environment);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        string text = string.Join(' ', command);
        if (!Task.WaitAll([process.WaitForExitAsync(), output, error], timeout ?? DefaultTimeout))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{text}\ntook too long, or left a process that holds its output.");
        }

        return new CommandResult(text, process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Starts a program with its three streams on pipes.</summary>
    public static Process Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string?>? environment = null)
    {
        ProcessStartInfo start = new(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"{command[0]} did not start.");
    }

    /// <summary>Whether a process is there. A zombie is not: who is to reap it is not the test's business.</summary>
    public static bool IsAlive(int pid) =>
        Run(["sh", "-c", $"grep -q '^State:[[:space:]]*[^ZX[:space:]]' /proc/{pid}/status 2> /dev/null"]).ExitCode == 0;

    /// <summary>Quotes a word for bash.</summary>
    public static string Quote(string word) => "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
