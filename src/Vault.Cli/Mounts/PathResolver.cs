using Vault.Fuse.Mount;

namespace Vault.Cli;

/// <summary>
/// Makes a path absolute and follows its symlinks, but looks at nothing that is a mount of vaultfs: a dead one
/// answers with errors, a hung one not at all.
/// </summary>
internal static class PathResolver
{
    /// <summary>The kernel's own bound.</summary>
    private const int MaximumLinks = 40;

    /// <param name="path">Absolute or relative; it need not exist.</param>
    public static string Resolve(string path) =>
        Resolve(path, VaultMounts.ReadAll().Select(mount => mount.MountPoint).ToHashSet(StringComparer.Ordinal));

    /// <param name="path">Absolute or relative; it need not exist.</param>
    /// <param name="mountPoints">Paths at which to look no further.</param>
    internal static string Resolve(string path, IReadOnlySet<string> mountPoints)
    {
        Stack<string> pending = new();
        // Not GetFullPath: it takes "link/.." for nothing.
        Push(pending, Path.Combine(Environment.CurrentDirectory, path));
        string resolved = "/";
        int links = 0;
        while (pending.TryPop(out string? name))
        {
            string next = name == ".." ? Path.GetDirectoryName(resolved) ?? "/" : Path.Combine(resolved, name);
            if (mountPoints.Contains(next))
            {
                return pending.Aggregate(next, Path.Combine);
            }

            if (new FileInfo(next).LinkTarget is not { } target)
            {
                resolved = next;
                continue;
            }

            if (++links > MaximumLinks)
            {
                throw new CliException(ExitCode.NotFound, $"{path} has too many levels of symbolic links.");
            }

            resolved = Path.IsPathRooted(target) ? "/" : resolved;
            Push(pending, target);
        }

        return resolved;
    }

    private static void Push(Stack<string> pending, string path)
    {
        foreach (string name in path.Split('/').Reverse().Where(name => name is not ("" or ".")))
        {
            pending.Push(name);
        }
    }
}
