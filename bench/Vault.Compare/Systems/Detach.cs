namespace Vault.Compare.Systems;

internal static class Detach
{
    /// <summary>Takes a mount away from the tree of directories although it may be in use. That it is none is no error.</summary>
    public static void Lazily(string mountPoint)
    {
        if (Mounts.IsMounted(mountPoint))
            _ = Tool.Run(null, "fusermount3", "-u", "-z", mountPoint);
    }
}
