using System.CommandLine;
using System.Net.Sockets;
using Vault.Fuse;
using Vault.Fuse.Mount;

namespace Vault.Cli.Commands;

/// <summary><c>vaultfs lock MOUNTPOINT|VAULT</c>.</summary>
internal static class LockCommand
{
    public static Command Build()
    {
        Argument<string> target = new("MOUNTPOINT|VAULT") { Description = "Where it is mounted, or the container file" };
        Option<bool> force = new("--force")
        {
            Description = "Detach the mount though processes use it; what they have open goes on until they close it",
        };
        Command command = new("lock", "Unmount a vault; returns when everything is on disk and the server has gone") { target, force };
        command.SetAction(result =>
        {
            TextWriter error = result.InvocationConfiguration.Error;
            string path = PathResolver.Resolve(result.GetValue(target)!);
            return (int)Run(path, result.GetValue(force), result.InvocationConfiguration.Output, text => error.WriteLine($"vaultfs: warning: {text}"));
        });
        return command;
    }

    private static ExitCode Run(string path, bool force, TextWriter output, Action<string> warn)
    {
        List<RunningServer> servers = [.. RunningServers.Find(warn).Where(server => server.Status.MountPoint == path || server.Status.Vault == path)];
        foreach (RunningServer server in servers)
        {
            Lock(server, force);
            output.WriteLine($"Locked {server.Status.Vault}; {server.Status.MountPoint} is free.");
        }

        List<VaultMount> others = [.. VaultMounts.ReadAll().Where(mount => mount.MountPoint == path || mount.Source == path)];
        foreach (VaultMount mount in others)
        {
            Clean(mount);
            output.WriteLine($"The server of {mount.Source} had died; its mount at {mount.MountPoint} was detached. Everything that was synced is in the vault.");
        }

        return servers.Count + others.Count > 0
            ? ExitCode.Success
            : throw new CliException(ExitCode.NotMounted, $"Nothing of vaultfs is mounted at {path}, nor is it an unlocked vault.", FailureMap.AdviceFor(ExitCode.NotMounted));
    }

    private static void Lock(RunningServer server, bool force)
    {
        ServerStatus status = server.Status;
        ProcessIdentity process = ProcessIdentity.Of(status.Pid ?? 0);
        LockReply reply = Ask(server, force);
        switch (reply.Outcome)
        {
            case LockOutcome.Locked:
                process.WaitForExit();
                return;
            case LockOutcome.Busy:
                throw new CliException(ExitCode.Busy, $"{status.MountPoint} is in use{Describe(reply.Processes)}. It stays unlocked.", FailureMap.AdviceFor(ExitCode.Busy));
            case LockOutcome.DetachedInUse:
                throw new CliException(
                    ExitCode.DetachedInUse,
                    $"{status.MountPoint} was detached, but files of it are still open{Describe(reply.Processes)}.",
                    $"The vault stays open for them; server {status.Pid} commits and ends when they close the files. 'kill {status.Pid}' ends it at once.");
            case LockOutcome.CommitFailed:
                throw new CliException(ExitCode.CommitFailed, $"{status.MountPoint} was unmounted, but the last commit failed: {reply.Message}", "What was not synced before is lost; everything synced is in the vault.");
            default:
                throw new CliException(ExitCode.UnmountRefused, $"{status.MountPoint} could not be unmounted: {reply.Message}");
        }
    }

    private static LockReply Ask(RunningServer server, bool force)
    {
        try
        {
            ControlReply? reply = ControlClient.Ask(server.SocketPath, new ControlRequest(ControlRequest.Lock, force), timeout: null);
            return reply?.Lock ?? throw ServerLost(server, reply?.Error, null);
        }
        catch (SocketException exception)
        {
            throw ServerLost(server, null, exception);
        }
    }

    private static CliException ServerLost(RunningServer server, string? reason, Exception? inner) => new(
        ExitCode.ServerFailed,
        reason ?? $"Server {server.Status.Pid} of {server.Status.MountPoint} ended without saying that everything is on disk.",
        server.Status.Log is { } log ? $"Its log may tell why: {log}" : null,
        inner);

    private static void Clean(VaultMount mount)
    {
        if (!VaultMounts.IsDead(mount))
        {
            throw new CliException(ExitCode.ServerFailed, $"{mount.MountPoint} is served by a process that does not answer to this user.", "Lock it as the user who unlocked it. 'umount' as root has the same effect.");
        }

        if (VaultMounts.DetachDead(mount) != UnmountOutcome.Unmounted)
        {
            throw new CliException(ExitCode.UnmountRefused, $"The dead mount at {mount.MountPoint} could not be detached.", $"As its owner: fusermount3 -uz {mount.MountPoint}");
        }
    }

    private static string Describe(IReadOnlyList<MountUser> processes) => processes.Count == 0
        ? ""
        : " by " + string.Join(", ", processes.Select(process => $"{process.Name} ({process.Pid})"));
}
