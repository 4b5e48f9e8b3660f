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
        // A vault can be mounted read-only several times: one mount that cannot be locked does not keep the others open.
        List<CliException> failures = [];
        HashSet<string> stillServed = [];
        IReadOnlyList<RunningServer> servers = RunningServers.Of(path, warn);
        foreach (RunningServer server in servers)
        {
            if (Try(() => Lock(server, force)) is { } failure)
            {
                failures.Add(failure);
                _ = stillServed.Add(server.Status.MountPoint);
                continue;
            }

            output.WriteLine($"Locked {server.Status.Vault}; {server.Status.MountPoint} is free.");
        }

        List<VaultMount> others = [.. VaultMounts.ReadAll().Where(mount => !stillServed.Contains(mount.MountPoint) && (mount.MountPoint == path || mount.Source == path))];
        foreach (VaultMount mount in others)
        {
            if (Try(() => Clean(mount)) is { } failure)
            {
                failures.Add(failure);
                continue;
            }

            output.WriteLine($"The server of {mount.Source} had died; its mount at {mount.MountPoint} was detached. Everything that was synced is in the vault.");
        }

        return (servers.Count + others.Count, failures) switch
        {
            (0, _) => throw new CliException(ExitCode.NotMounted, $"Nothing of vaultfs is mounted at {path}, nor is it an unlocked vault.", FailureMap.AdviceFor(ExitCode.NotMounted)),
            (_, []) => ExitCode.Success,
            _ => throw CliException.Of(failures),
        };
    }

    private static CliException? Try(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (CliException failure)
        {
            return failure;
        }
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
            return reply?.Lock ?? throw server.Lost(reply?.Error ?? WithoutWord(server), null);
        }
        catch (SocketException exception)
        {
            throw server.Lost(WithoutWord(server), exception);
        }
    }

    private static string WithoutWord(RunningServer server) =>
        $"Server {server.Status.Pid} of {server.Status.MountPoint} ended without saying that everything is on disk.";

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
