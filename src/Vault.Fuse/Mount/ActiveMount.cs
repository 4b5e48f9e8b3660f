using Vault.Fuse.Interop;

namespace Vault.Fuse.Mount;

/// <summary>A mount that exists, known by its number and device, so that another one at the same place is never touched.</summary>
internal sealed class ActiveMount(MountInfoEntry identity)
{
    /// <summary>What it looked like when it was found.</summary>
    public MountInfoEntry Identity => identity;

    /// <summary>Finds the mount that was just made.</summary>
    /// <returns>Null if it is not there (any more).</returns>
    public static ActiveMount? TryFind(string path)
    {
        _ = MountPlace.TryFind(path, out MountPlace? place);
        return place is { IsMountPoint: true, Mount.IsVault: true } ? new ActiveMount(place.Mount) : null;
    }

    /// <summary>Unmounts, where it is now.</summary>
    /// <param name="detach">At once, though processes use it.</param>
    public UnmountOutcome Unmount(bool detach)
    {
        MountInfoEntry? now = Find();
        if (now is null)
            return UnmountOutcome.Unmounted;

        // Another mount may have been put on top: the path would then name that one.
        _ = MountPlace.TryFind(now.MountPoint, out MountPlace? top);
        if (top?.Mount?.MountId != now.MountId)
            return UnmountOutcome.Refused;
        UnmountOutcome outcome = UnmountPath(now.MountPoint, detach);
        return outcome != UnmountOutcome.Unmounted && Find() is null ? UnmountOutcome.Unmounted : outcome;
    }

    private static UnmountOutcome UnmountPath(string path, bool detach)
    {
        int errno = MountCalls.Unmount(path, detach);
        switch (errno)
        {
            case 0:
                return UnmountOutcome.Unmounted;
            case SystemError.EBUSY:
                return UnmountOutcome.Busy;
            case not SystemError.EPERM:
                return UnmountOutcome.Refused;
        }

        string? complaint = Fusermount.Unmount(path, detach);
        if (complaint is null)
            return UnmountOutcome.Unmounted;
        bool isBusy = complaint.Contains(SystemError.Describe(SystemError.EBUSY), StringComparison.OrdinalIgnoreCase);
        return isBusy ? UnmountOutcome.Busy : UnmountOutcome.Refused;
    }

    private MountInfoEntry? Find() => MountInfoEntry.ReadAll().LastOrDefault(
        entry => entry.MountId == identity.MountId && entry.Device == identity.Device && entry.IsVault);
}
