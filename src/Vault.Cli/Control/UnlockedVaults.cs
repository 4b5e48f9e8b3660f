using Vault.Cli.Interop;

namespace Vault.Cli;

/// <summary>The vaults that this user has unlocked: servers that answer, and mounts whose server died.</summary>
internal static class UnlockedVaults
{
    public static IReadOnlyList<ServerStatus> Find(Action<string> warn)
    {
        List<ServerStatus> vaults = [.. RunningServers.Find(warn).Select(server => server.Status)];
        HashSet<string> answered = [.. vaults.Select(vault => vault.MountPoint)];
        uint user = Libc.geteuid();
        vaults.AddRange(MountTable.Read()
            .Where(mount => mount.UserId == user && !answered.Contains(mount.MountPoint) && DeadMount.IsDead(mount.MountPoint))
            .Select(mount => new ServerStatus
            {
                Vault = mount.Source,
                MountPoint = mount.MountPoint,
                State = ServerStatus.Dead,
                ReadOnly = mount.ReadOnly,
            }));
        return vaults;
    }
}
