using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Vault.Fuse.Interop;

namespace Vault.Fuse.Mount;

/// <summary>
/// A directory as the kernel sees it, found out without asking the file system that is mounted there, so that it works on
/// dead and on hanging mounts.
/// </summary>
/// <param name="Path">The absolute path without symlinks.</param>
/// <param name="Mount">The mount that the directory lies in; null if it is hidden from us.</param>
internal sealed record MountPlace(string Path, MountInfoEntry? Mount)
{
    private const string MountIdField = "mnt_id:";

    /// <summary>Whether something is mounted at just this directory.</summary>
    public bool IsMountPoint => Mount is not null && Mount.MountPoint == Path;

    /// <summary>Finds out about a directory.</summary>
    /// <param name="path">Absolute; symlinks are followed.</param>
    /// <param name="place">What was found.</param>
    /// <returns>0, or the error number of opening it.</returns>
    public static int TryFind(string path, out MountPlace? place)
    {
        place = null;
        int errno = MountCalls.OpenPlace(path, out SafeFileHandle? handle);
        if (handle is null)
            return errno;
        using (handle)
        {
            nint fd = handle.DangerousGetHandle();
            string? realPath = new FileInfo($"/proc/self/fd/{fd}").LinkTarget;
            int? mountId = ReadMountId(File.ReadLines($"/proc/self/fdinfo/{fd}"));
            if (realPath is null)
                return SystemError.ENOENT;
            place = new MountPlace(realPath, MountInfoEntry.ReadAll().LastOrDefault(entry => entry.MountId == mountId));
            return 0;
        }
    }

    /// <summary>Takes the mount's number out of the lines of an fdinfo file (proc_pid_fdinfo(5)).</summary>
    public static int? ReadMountId(IEnumerable<string> fdinfo)
    {
        string? line = fdinfo.FirstOrDefault(line => line.StartsWith(MountIdField, StringComparison.Ordinal));
        return line is not null && int.TryParse(line.AsSpan(MountIdField.Length).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            ? id
            : null;
    }
}
