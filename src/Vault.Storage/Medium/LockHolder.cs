using System.Globalization;

namespace Vault.Storage;

/// <summary>Finds who holds the lock of a file, for an error message.</summary>
internal static class LockHolder
{
    /// <summary>"process 123 (vaultfs)", or "another process" if /proc does not tell.</summary>
    public static string Describe(string path)
    {
        string? resolved = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        foreach (string processDirectory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(processDirectory), CultureInfo.InvariantCulture, out int processId)
                && processId != Environment.ProcessId && HoldsOpen(processDirectory, resolved))
            {
                return $"process {processId.ToString(CultureInfo.InvariantCulture)} ({CommandName(processDirectory)})";
            }
        }

        return "another process";
    }

    private static bool HoldsOpen(string processDirectory, string path)
    {
        try
        {
            foreach (string descriptor in Directory.EnumerateFileSystemEntries(processDirectory + "/fd"))
            {
                if (new FileInfo(descriptor).LinkTarget == path)
                    return HoldsLock(processDirectory, Path.GetFileName(descriptor));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Gone meanwhile, or somebody else's: it cannot be named.
        }

        return false;
    }

    private static bool HoldsLock(string processDirectory, string descriptor) =>
        File.ReadAllText($"{processDirectory}/fdinfo/{descriptor}").Contains("FLOCK", StringComparison.Ordinal);

    private static string CommandName(string processDirectory)
    {
        try
        {
            return File.ReadAllText(processDirectory + "/comm").Trim();
        }
        catch (IOException)
        {
            return "gone meanwhile";
        }
    }
}
