using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vault.Cli.Interop;

/// <summary>The few calls of libc that .NET does not offer. Names as in C; the rest returns errno as a value.</summary>
internal static partial class Libc
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    private const int EINTR = 4;
    public const int EACCES = 13;
    public const int ENOTDIR = 20;
    public const int EPIPE = 32;

    public const int TCSAFLUSH = 2;

    private const uint CLOSE_RANGE_CLOEXEC = 4;
    private const int AT_FDCWD = -100;
    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const uint STATX_BASIC_STATS = 0x7ff;
    private const int O_RDONLY = 0;
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

    /// <summary>Opens without the advisory lock that .NET takes on every file.</summary>
    /// <returns>0, or the errno.</returns>
    public static int OpenToRead(string path, out SafeFileHandle? handle)
    {
        int descriptor = open(path, O_RDONLY | O_CLOEXEC, 0);
        handle = descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
        return descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>
    /// <c>read(2)</c> at the descriptor's own position, which it moves on for everybody who shares it. .NET's streams keep
    /// a position of their own where the file has one.
    /// </summary>
    /// <returns>Bytes read; 0 at the end.</returns>
    /// <exception cref="IOException">It failed; HResult is the errno.</exception>
    public static int Read(SafeFileHandle handle, Span<byte> destination)
    {
        nint count;
        while ((count = read(handle, destination, (nuint)destination.Length)) < 0)
        {
            ThrowUnlessInterrupted();
        }

        return (int)count;
    }

    /// <summary><c>write(2)</c>, in the same way, until all is written.</summary>
    /// <exception cref="IOException">It failed; HResult is the errno.</exception>
    public static void Write(SafeFileHandle handle, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            nint count = write(handle, source, (nuint)source.Length);
            if (count < 0)
            {
                ThrowUnlessInterrupted();
            }
            else
            {
                source = source[(int)count..];
            }
        }
    }

    /// <summary>
    /// Keeps every descriptor above the standard ones from programs started later. Does nothing before Linux 5.11, which
    /// lacks the call.
    /// </summary>
    public static void CloseOthersOnExec() => _ = close_range(3, uint.MaxValue, CLOSE_RANGE_CLOEXEC);

    /// <summary>Writes back what the kernel holds of the file system mounted at <paramref name="directory"/>.</summary>
    /// <returns>0, or the errno.</returns>
    public static int SyncFileSystem(string directory)
    {
        int error = OpenToRead(directory, out SafeFileHandle? handle);
        using (handle)
        {
            return handle is not null && syncfs(handle) != 0 ? Marshal.GetLastPInvokeError() : error;
        }
    }

    private static void ThrowUnlessInterrupted()
    {
        int error = Marshal.GetLastPInvokeError();
        if (error != EINTR)
        {
            throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(SafeFileHandle file, Span<byte> buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(SafeFileHandle file, ReadOnlySpan<byte> buffer, nuint count);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, out Statx status);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close_range(uint first, uint last, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int syncfs(SafeFileHandle file);
}
