using System.Diagnostics;

namespace Vault.Storage.Tests;

/// <summary>Runs a program to its end.</summary>
internal static class Command
{
    /// <exception cref="TimeoutException">It did not end in time; it and what it started have been killed.</exception>
    public static (int ExitCode, string Output) Run(string directory, TimeSpan timeout, string file, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(timeout))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            throw new TimeoutException($"{Path.GetFileName(file)} did not end within {timeout}.");
        }

        return (process.ExitCode, output.Result + errors.Result);
    }
}
