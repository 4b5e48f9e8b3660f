using Vault.Storage;

namespace Vault.Fuse.Mount;

/// <summary>What mount options come to: a bit for mount(2), a word for fusermount3.</summary>
internal static class MountFlags
{
    /// <summary>Flags of <c>sys/mount.h</c> and the same by their names in mount(8).</summary>
    public static IEnumerable<(nuint Bit, string Word)> Of(FuseMountOptions options)
    {
        if (options.ReadOnly)
            yield return (1, "ro");
        if (!options.AllowSetId)
            yield return (2, "nosuid");
        if (!options.AllowDevices)
            yield return (4, "nodev");
        if (options.NoExecution)
            yield return (8, "noexec");
        if (options.Synchronous)
            yield return (16, "sync");
        if (options.SynchronousNames)
            yield return (128, "dirsync");
        if (options.AccessTimes == AccessTimes.Never)
            yield return (1024, "noatime");
        if (options.AccessTimes == AccessTimes.Strict)
            yield return (1 << 24, "strictatime");
    }
}
