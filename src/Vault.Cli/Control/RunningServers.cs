using System.Net.Sockets;

namespace Vault.Cli;

/// <summary>A server that answered.</summary>
internal sealed record RunningServer(string SocketPath, ServerStatus Status)
{
    /// <summary>The failure to report when it does not answer as it should.</summary>
    public CliException Lost(string reason, Exception? inner) =>
        new(ExitCode.ServerFailed, reason, Status.Log is { } log ? $"Its log may tell why: {log}" : null, inner);
}

/// <summary>The servers of this user.</summary>
internal static class RunningServers
{
    private static readonly TimeSpan StatusTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Asks every control socket. Sockets that nobody listens at any more are removed.</summary>
    /// <param name="warn">Told of servers that do not answer.</param>
    public static IReadOnlyList<RunningServer> Find(Action<string> warn) =>
    [
        .. RuntimeDirectory.Candidates()
            .Where(RuntimeDirectory.IsPrivate)
            .SelectMany(directory => Directory.GetFiles(directory, "*.sock"))
            .Select(path => Ask(path, warn))
            .OfType<RunningServer>()
            .OrderBy(server => server.Status.MountPoint, StringComparer.Ordinal),
    ];

    /// <summary>Those of a vault, by the container's path or that of a mount point.</summary>
    public static IReadOnlyList<RunningServer> Of(string path, Action<string> warn) =>
        [.. Find(warn).Where(server => server.Status.MountPoint == path || server.Status.Vault == path)];

    private static RunningServer? Ask(string socketPath, Action<string> warn)
    {
        try
        {
            if (ControlClient.Ask(socketPath, new ControlRequest(ControlRequest.Status), StatusTimeout)?.Status is { } status)
            {
                return new RunningServer(socketPath, status);
            }

            warn($"The server at {socketPath} gave no status.");
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionRefused)
        {
            File.Delete(socketPath);
        }
        catch (SocketException) when (!File.Exists(socketPath))
        {
            // It ended while we asked.
        }
        catch (SocketException exception)
        {
            warn($"The server at {socketPath} does not answer: {exception.Message}.");
        }

        return null;
    }
}
