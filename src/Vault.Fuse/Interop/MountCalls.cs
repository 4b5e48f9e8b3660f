using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vault.Fuse.Interop;

/// <summary>Calls that mount, unmount and look at mount points. All return 0 or the error number.</summary>
internal static unsafe class MountCalls
{
    private const int UnmountDetach = 2;
    private const int UnmountNoFollow = 8;

    private const int OpenPathDirectoryCloseOnExec = 0x200000 | 0x10000 | 0x80000;
    private const int AtCurrentDirectory = -100;
    private const int StatxForceSync = 0x2000;
    private const uint StatxBasicStats = 0x7FF;

    /// <summary>More than <c>struct statfs</c> (120) and <c>struct statx</c> (256) have.</summary>
    internal const int ResultBytes = 512;

    /// <summary>mount(2).</summary>
    internal static int Mount(string source, string target, string type, string data, nuint flags) =>
        LibC.mount(source, target, type, flags, data) < 0 ? Marshal.GetLastPInvokeError() : 0;

    /// <summary>umount2(2), of the mount point itself and not of what a symlink there names.</summary>
    internal static int Unmount(string target, bool detach)
    {
        int flags = UnmountNoFollow | (detach ? UnmountDetach : 0);
        return LibC.umount2(target, flags) < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>Opens a directory as a mere place (<c>O_PATH</c>): asks nothing of the file system that is mounted there.</summary>
    internal static int OpenPlace(string path, out SafeFileHandle? place)
    {
        int fd = LibC.open(path, OpenPathDirectoryCloseOnExec, 0);
        int errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        place = fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
        return errno;
    }

    /// <summary>statfs(2): FUSE passes it to the server always, so it tells whether that answers. May block for ever.</summary>
    internal static int StatFileSystem(string path)
    {
        byte* result = stackalloc byte[ResultBytes];

        // SAFETY: the call fills one structure, which is smaller than the buffer on this frame.
        return LibC.statfs(path, result) < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>statx(2) that asks the server for the attributes though they may be cached. May block for ever.</summary>
    internal static int StatNow(string path)
    {
        byte* result = stackalloc byte[ResultBytes];

        // SAFETY: the call fills one structure, which is smaller than the buffer on this frame.
        return LibC.statx(AtCurrentDirectory, path, StatxForceSync, StatxBasicStats, result) < 0 ? Marshal.GetLastPInvokeError() : 0;
    }
}
