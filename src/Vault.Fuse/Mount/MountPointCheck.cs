using Vault.Fuse.Interop;

namespace Vault.Fuse.Mount;

/// <summary>Whether a directory may be mounted on.</summary>
internal static class MountPointCheck
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Checks it.</summary>
    /// <param name="mountPoint">An absolute path.</param>
    /// <returns>The place, with our dead mount on it if it has one: then nothing is known of the directory below.</returns>
    /// <exception cref="MountException">It may not.</exception>
    public static MountPlace Check(string mountPoint)
    {
        if (!Path.IsPathFullyQualified(mountPoint))
            throw new ArgumentException("The mount point must be an absolute path.", nameof(mountPoint));
        int errno = MountPlace.TryFind(mountPoint, out MountPlace? place);
        if (place is null)
            throw CannotOpen(mountPoint, errno);
        if (place.IsMountPoint)
        {
            if (place.Mount!.IsVault && MountProbe.IsDead(MountProbe.Ask(place.Path, ProbeTimeout)))
                return place;
            throw AlreadyMounted(place.Mount);
        }

        RefuseCommandDirectory(place.Path);
        RefuseContents(place.Path);
        return place;
    }

    private static MountException CannotOpen(string mountPoint, int errno) => errno switch
    {
        SystemError.ENOENT => new(
            MountFailure.MountPointMissing, $"The mount point {mountPoint} does not exist. Create it first: mkdir {mountPoint}"),
        SystemError.ENOTDIR => new(
            MountFailure.MountPointNotADirectory, $"The mount point {mountPoint} is not a directory. Choose an empty directory."),
        _ => new(
            MountFailure.Refused, $"The mount point {mountPoint} cannot be opened: {SystemError.Describe(errno)}."),
    };

    private static MountException AlreadyMounted(MountInfoEntry mount) => new(
        MountFailure.AlreadyMounted,
        mount.IsVault
            ? $"The vault {mount.Source} is mounted at {mount.MountPoint} already. Lock it first, or choose another directory."
            : $"Something is mounted at {mount.MountPoint} already ({mount.FileSystemType}, {mount.Source}). Choose another directory.");

    /// <summary>Programs would be looked for in the vault.</summary>
    private static void RefuseCommandDirectory(string path)
    {
        string[] commandDirectories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        if (commandDirectories.Any(directory => directory.TrimEnd('/') == path))
        {
            throw new MountException(
                MountFailure.Refused, $"{path} is on PATH, where programs are looked for: a vault is not mounted there. Choose another directory.");
        }
    }

    private static void RefuseContents(string path)
    {
        try
        {
            if (!Directory.EnumerateFileSystemEntries(path).Any())
                return;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new MountException(MountFailure.Refused, $"The mount point {path} cannot be read: {e.Message}", e);
        }

        throw new MountException(
            MountFailure.MountPointNotEmpty, $"The mount point {path} is not empty: its files would be hidden. Choose an empty directory.");
    }
}
