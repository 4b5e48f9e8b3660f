using Vault.Compare.Interop;

namespace Vault.Compare.Running;

internal static class Caches
{
    private const string Control = "/proc/sys/vm/drop_caches";

    /// <summary>Whether this process may.</summary>
    public static bool CanDrop { get; } = Environment.IsPrivilegedProcess;

    /// <summary>Drops pages, entries and inodes of all file systems, after what is dirty in the backing one was written.</summary>
    public static void Drop(string backing)
    {
        if (!CanDrop)
            return;
        int fd = Posix.Open(Posix.Path(backing), Posix.OpenRead);
        Posix.SyncFileSystem(fd);
        Posix.Close(fd);
        File.WriteAllText(Control, "3");
    }
}
