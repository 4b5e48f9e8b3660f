using System.Globalization;

namespace Vault.Fuse.Mount;

/// <summary>
/// Finds out who keeps a mount busy. Reads only what <c>/proc</c> says and never touches the mount, which may hang. Processes of
/// other users are seen by root alone.
/// </summary>
public static class BusyProcesses
{
    /// <summary>Lists the processes that use a mount, by their number; the caller's own too.</summary>
    /// <param name="mountPoint">An absolute path.</param>
    /// <returns>None also when nothing is mounted there.</returns>
    public static IReadOnlyList<BusyProcess> Find(string mountPoint)
    {
        _ = MountPlace.TryFind(mountPoint, out MountPlace? place);
        if (place is not { IsMountPoint: true })
            return [];
        var found = new List<BusyProcess>();
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out int processId))
                continue;
            BusyUse use = Examine(directory, place.Mount!);
            if (use != BusyUse.None)
                found.Add(new BusyProcess(processId, ReadCommand(directory), use));
        }

        found.Sort((a, b) => a.ProcessId.CompareTo(b.ProcessId));
        return found;
    }

    private static BusyUse Examine(string process, MountInfoEntry mount)
    {
        BusyUse use = BusyUse.None;
        if (IsInside(process + "/cwd", mount))
            use |= BusyUse.WorkingDirectory;
        if (IsInside(process + "/root", mount))
            use |= BusyUse.RootDirectory;
        if (IsInside(process + "/exe", mount))
            use |= BusyUse.Program;
        if (HasOpenFile(process + "/fdinfo", mount))
            use |= BusyUse.OpenFile;
        if (HasMappedFile(process + "/maps", mount))
            use |= BusyUse.MappedFile;
        return use;
    }

    private static bool IsInside(string link, MountInfoEntry mount)
    {
        try
        {
            string? target = new FileInfo(link).LinkTarget;
            return target is not null && (target + "/").StartsWith(mount.MountPoint.TrimEnd('/') + "/", StringComparison.Ordinal);
        }
        catch (Exception e) when (IsGoneOrForbidden(e))
        {
            return false;
        }
    }

    private static bool HasOpenFile(string directory, MountInfoEntry mount)
    {
        try
        {
            return Directory.EnumerateFiles(directory).Any(file => IsOfMount(file, mount));
        }
        catch (Exception e) when (IsGoneOrForbidden(e))
        {
            return false;
        }
    }

    private static bool IsOfMount(string fdinfo, MountInfoEntry mount)
    {
        try
        {
            return MountPlace.ReadMountId(File.ReadLines(fdinfo)) == mount.MountId;
        }
        catch (Exception e) when (IsGoneOrForbidden(e))
        {
            return false;
        }
    }

    /// <summary>A line of maps: address, permissions, offset, device in hexadecimal, inode, path (proc_pid_maps(5)).</summary>
    private static bool HasMappedFile(string maps, MountInfoEntry mount)
    {
        string[] numbers = mount.Device.Split(':');
        string device = string.Create(
            CultureInfo.InvariantCulture,
            $" {int.Parse(numbers[0], CultureInfo.InvariantCulture):x2}:{int.Parse(numbers[1], CultureInfo.InvariantCulture):x2} ");
        try
        {
            return File.ReadLines(maps).Any(line => line.Contains(device, StringComparison.Ordinal));
        }
        catch (Exception e) when (IsGoneOrForbidden(e))
        {
            return false;
        }
    }

    private static string ReadCommand(string process)
    {
        try
        {
            return File.ReadAllText(process + "/comm").TrimEnd('\n');
        }
        catch (Exception e) when (IsGoneOrForbidden(e))
        {
            return "?";
        }
    }

    /// <summary>A process ends while it is looked at, or belongs to somebody else.</summary>
    private static bool IsGoneOrForbidden(Exception e) => e is IOException or UnauthorizedAccessException;
}
