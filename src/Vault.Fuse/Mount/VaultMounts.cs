namespace Vault.Fuse.Mount;

/// <summary>A mount of vaultfs, of whatever user, served or dead.</summary>
/// <param name="MountPoint">Absolute, without symlinks.</param>
/// <param name="Source">The vault's path.</param>
public sealed record VaultMount(string MountPoint, string Source);

/// <summary>The mounts of vaultfs that this process sees, and what to do with those whose server died.</summary>
public static class VaultMounts
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Lists them without touching them. Where one covers another both are there, the upper one last.</summary>
    public static IReadOnlyList<VaultMount> ReadAll() =>
        [.. MountInfoEntry.ReadAll().Where(entry => entry.IsVault).Select(entry => new VaultMount(entry.MountPoint, entry.Source))];

    /// <summary>Whether nobody serves it any more. False too where this user may not ask, or no answer comes within seconds.</summary>
    public static bool IsDead(VaultMount mount)
    {
        ArgumentNullException.ThrowIfNull(mount);
        return MountProbe.IsDead(MountProbe.Ask(mount.MountPoint, ProbeTimeout));
    }

    /// <summary>Takes a dead mount away.</summary>
    /// <param name="mount">One for which <see cref="IsDead"/> holds.</param>
    public static UnmountOutcome DetachDead(VaultMount mount)
    {
        ArgumentNullException.ThrowIfNull(mount);
        return ActiveMount.TryFind(mount.MountPoint)?.Unmount(detach: true) ?? UnmountOutcome.Unmounted;
    }
}
