using Vault.Fuse.Mount;

namespace Vault.Cli;

/// <summary>The vaults that this user has unlocked: servers that answer, and mounts whose server died.</summary>
internal static class UnlockedVaults
{
    public static IReadOnlyList<ServerStatus> Find(Action<string> warn)
    {
        List<ServerStatus> vaults = [.. RunningServers.Find(warn).Select(server => server.Status)];
        HashSet<string> answered = [.. vaults.Select(vault => vault.MountPoint)];
        vaults.AddRange(VaultMounts.ReadAll()
            .Where(mount => !answered.Contains(mount.MountPoint) && VaultMounts.IsDead(mount))
            .Select(mount => new ServerStatus
            {
                Vault = mount.Source,
                MountPoint = mount.MountPoint,
                State = ServerStatus.Dead,
            }));
        return vaults;
    }
}
