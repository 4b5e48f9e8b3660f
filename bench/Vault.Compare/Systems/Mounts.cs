namespace Vault.Compare.Systems;

/// <summary>What is mounted, by /proc/self/mountinfo: it can be read even if a server hangs.</summary>
internal static class Mounts
{
    public static bool IsMounted(string mountPoint) =>
        File.ReadLines("/proc/self/mountinfo").Any(line => line.Split(' ') is { Length: > 4 } fields && fields[4] == mountPoint);

    /// <summary>The type of the file system in which a path lies.</summary>
    public static string FileSystemType(string path)
    {
        string best = "", type = "unknown";
        foreach (string line in File.ReadLines("/proc/self/mountinfo"))
        {
            string[] fields = line.Split(' ');
            string mountPoint = fields[4];
            bool above = mountPoint == "/" || path == mountPoint || path.StartsWith(mountPoint + "/", StringComparison.Ordinal);
            if (above && mountPoint.Length >= best.Length)
                (best, type) = (mountPoint, fields[Array.IndexOf(fields, "-") + 1]);
        }

        return type;
    }
}
