using Microsoft.Win32.SafeHandles;
using Vault.Fuse.Interop;

namespace Vault.Fuse.Mount;

/// <summary>Mounts: as root by mount(2), otherwise by fusermount3.</summary>
internal static class Mounter
{
    /// <summary>Dead mounts can lie on one another.</summary>
    private const int MaxDeadMounts = 16;

    /// <summary>Checks the mount point, detaches what is dead there, and mounts.</summary>
    /// <param name="options">How.</param>
    /// <param name="path">The mount point without symlinks.</param>
    /// <returns>The mounted device, on which INIT waits.</returns>
    /// <exception cref="MountException">Nothing is mounted then.</exception>
    public static SafeFileHandle Mount(FuseMountOptions options, out string path)
    {
        path = Prepare(options.MountPoint);
        int errno = DeviceCalls.Open(out SafeFileHandle? device);
        if (device is null)
            throw NoDevice(errno);
        if (Identity.IsRoot)
        {
            string data = MountOptionText.ForKernel(
                (int)device.DangerousGetHandle(), Identity.UserId, Identity.GroupId, options.AllowOther);
            nuint flags = MountFlags.Of(options).Aggregate((nuint)0, (all, flag) => all | flag.Bit);
            errno = MountCalls.Mount(options.Source, path, MountInfoEntry.VaultType, data, flags);
            if (errno == 0)
                return device;

            // Root without the right to mount, as in a container: fusermount3 may have it.
            if (errno != SystemError.EPERM || Fusermount.Find() is null)
            {
                device.Dispose();
                throw new MountException(MountFailure.Refused, $"Mounting at {path} was refused: {SystemError.Describe(errno)}.");
            }
        }

        // fusermount3 opens the device itself; ours showed that it can be opened.
        device.Dispose();
        return Fusermount.Mount(path, options);
    }

    private static string Prepare(string mountPoint)
    {
        for (int i = 0; i < MaxDeadMounts; i++)
        {
            MountPlace place = MountPointCheck.Check(mountPoint);
            if (!place.IsMountPoint)
                return place.Path;
            UnmountOutcome outcome = new ActiveMount(place.Mount!).Unmount(detach: true);
            if (outcome != UnmountOutcome.Unmounted)
            {
                throw new MountException(
                    MountFailure.AlreadyMounted,
                    $"A dead mount of {place.Mount!.Source} is left at {place.Path} and cannot be detached. As its owner, run: fusermount3 -uz {place.Path}");
            }
        }

        throw new MountException(MountFailure.AlreadyMounted, $"Too many dead mounts lie on one another at {mountPoint}. Unmount them by hand.");
    }

    private static MountException NoDevice(int errno) => new(
        MountFailure.NoFuseDevice,
        errno is SystemError.ENOENT or SystemError.ENODEV or SystemError.ENXIO
            ? $"{DeviceCalls.DevicePath} does not exist: the kernel's FUSE module is not loaded. As root, run: modprobe fuse"
            : $"{DeviceCalls.DevicePath} cannot be opened: {SystemError.Describe(errno)}. It is usually open to everybody; as root, run: chmod 666 {DeviceCalls.DevicePath}");
}
