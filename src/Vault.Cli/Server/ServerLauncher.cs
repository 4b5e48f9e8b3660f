using System.Diagnostics;
using System.Text.Json;
using Vault.Cli.Interop;
using Vault.Crypto;

namespace Vault.Cli;

/// <summary>Starts the background server and waits until its mount answers.</summary>
internal static class ServerLauncher
{
    /// <returns>The server's process id and its report of success.</returns>
    /// <exception cref="CliException">The server reported a failure, or died.</exception>
    public static (int Pid, ServerReport Report) Launch(ServerStart start, MasterKey master)
    {
        // The caller's own descriptors (a shell's lock file, say) must not live as long as the server.
        Libc.CloseOthersOnExec();
        using Process server = Process.Start(Command(start))
            ?? throw new CliException(ExitCode.ServerFailed, "The server process could not be started.");
        Task<string> complaints = server.StandardError.ReadToEndAsync();
        ServerReport? report = null;
        try
        {
            using (Stream pipe = server.StandardInput.BaseStream)
            {
                KeyPipe.Send(pipe, start, master);
            }

            report = ReadReport(server.StandardOutput);
        }
        catch (IOException)
        {
            // The server closed its end: it is gone, which is reported below.
        }

        if (report is null)
        {
            throw new CliException(ExitCode.ServerFailed, $"The server process {server.Id} ended before the mount answered.", complaints.Result.TrimEnd());
        }

        return report.ExitCode == ExitCode.Success
            ? (server.Id, report)
            : throw new CliException(report.ExitCode, report.Message ?? "The server failed.", report.Advice);
    }

    private static ProcessStartInfo Command(ServerStart start)
    {
        string self = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown.");
        ProcessStartInfo command = new(self)
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,

            // The runtime keeps a duplicate of it for ever: a pipe of the caller would never see its end.
            RedirectStandardError = true,
        };
        if (Path.GetFileName(self) == "dotnet")
        {
            command.ArgumentList.Add("exec");
            command.ArgumentList.Add(typeof(ServerLauncher).Assembly.Location);
        }

        command.ArgumentList.Add(BackgroundServer.CommandName);
        command.ArgumentList.Add(start.Vault);
        command.ArgumentList.Add(start.MountPoint);

        // No debugger, profiler or dump through the runtime's own port: the process holds keys.
        command.Environment["DOTNET_EnableDiagnostics"] = "0";
        return command;
    }

    private static ServerReport? ReadReport(StreamReader output)
    {
        string? line = output.ReadLine();
        try
        {
            return line is null ? null : JsonSerializer.Deserialize(line, CliJson.Default.ServerReport);
        }
        catch (JsonException)
        {
            throw new CliException(ExitCode.ServerFailed, $"The server answered with something else than a report: {line}");
        }
    }
}
