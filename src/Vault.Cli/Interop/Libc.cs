using System.Runtime.InteropServices;

namespace Vault.Cli.Interop;

/// <summary>The few calls of libc that .NET does not offer. Names as in C.</summary>
internal static partial class Libc
{
    public const int ENOENT = 2;
    public const int ENOTCONN = 107;

    public const int TCSAFLUSH = 2;
    private const int AT_FDCWD = -100;
    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const uint STATX_BASIC_STATS = 0x7ff;
    private const int O_CLOEXEC = 0x80000;

    [LibraryImport("libc")]
    public static partial uint geteuid();

    [LibraryImport("libc")]
    public static partial uint getegid();

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsid();

    [LibraryImport("libc", SetLastError = true)]
    public static partial int dup2(int oldDescriptor, int newDescriptor);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int tcgetattr(int descriptor, out Termios termios);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int tcsetattr(int descriptor, int actions, in Termios termios);

    /// <summary><c>lstat(2)</c> in the form that is the same on every architecture.</summary>
    /// <returns>0, or the errno.</returns>
    public static int LinkStatus(string path, out Statx status) =>
        statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, out status) == 0 ? 0 : Marshal.GetLastPInvokeError();

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, out Statx status);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int syncfs(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    /// <summary>Writes back what the kernel holds of the file system mounted at <paramref name="directory"/>.</summary>
    /// <returns>0, or the errno.</returns>
    public static int SyncFileSystem(string directory)
    {
        int descriptor = open(directory, O_CLOEXEC, 0);
        if (descriptor < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        int error = syncfs(descriptor) == 0 ? 0 : Marshal.GetLastPInvokeError();
        return close(descriptor) == 0 || error != 0 ? error : Marshal.GetLastPInvokeError();
    }
}
