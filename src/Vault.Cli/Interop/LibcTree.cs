using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vault.Cli.Interop;

/// <summary>
/// Calls of libc that take a directory's descriptor and one name of raw bytes in it: nothing on the way to the directory can
/// lead anywhere else. Names end with a zero byte. What is not a handle is 0 or the errno.
/// </summary>
internal static partial class LibcTree
{
    private const int EINTR = 4;
    public const int EIO = 5;
    public const int EEXIST = 17;
    public const int ENAMETOOLONG = 36;
    public const int ENOSPC = 28;
    public const int EROFS = 30;
    public const int EDQUOT = 122;

    private const int O_WRONLY = 1;
    private const int O_CREAT = 0x40;
    private const int O_EXCL = 0x80;
    private const int O_CLOEXEC = 0x80000;
    private const int O_PATH = 0x200000;
    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const int AT_EMPTY_PATH = 0x1000;

    // The two flags that differ between architectures.
    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;
    private static readonly int O_DIRECTORY = IsArm ? 0x4000 : 0x10000;
    private static readonly int O_NOFOLLOW = IsArm ? 0x8000 : 0x20000;

    /// <summary>Opens a directory by its path, whose last component is no symlink.</summary>
    public static int OpenRoot(string path, out SafeFileHandle handle) => Result(open(path, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), out handle);

    /// <summary>Opens a directory in another one, as a place to go on from.</summary>
    public static int OpenDirectory(SafeFileHandle parent, ReadOnlySpan<byte> name, out SafeFileHandle handle) =>
        Result(openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0), out handle);

    /// <summary>Opens whatever has the name, itself if it is a symlink, without any access to its content.</summary>
    public static int OpenNode(SafeFileHandle parent, ReadOnlySpan<byte> name, out SafeFileHandle handle) =>
        Result(openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0), out handle);

    /// <summary>Makes a file that was not there, mode 0600, and opens it to write.</summary>
    public static int CreateFile(SafeFileHandle parent, ReadOnlySpan<byte> name, out SafeFileHandle handle) =>
        Result(openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0x180), out handle);

    /// <summary>Makes a directory, mode 0700.</summary>
    public static int CreateDirectory(SafeFileHandle parent, ReadOnlySpan<byte> name) => Result(mkdirat(parent, name, 0x1c0));

    public static int CreateSymlink(ReadOnlySpan<byte> target, SafeFileHandle parent, ReadOnlySpan<byte> name) => Result(symlinkat(target, parent, name));

    /// <param name="parent">Its directory.</param>
    /// <param name="name">Its name.</param>
    /// <param name="mode">Type and permissions.</param>
    /// <param name="device">In the kernel's form, which is that of the low half of <c>dev_t</c>.</param>
    public static int CreateNode(SafeFileHandle parent, ReadOnlySpan<byte> name, uint mode, uint device) => Result(mknodat(parent, name, mode, device));

    /// <summary>A second name; a symlink is linked itself.</summary>
    public static int CreateLink(SafeFileHandle parent, ReadOnlySpan<byte> name, SafeFileHandle newParent, ReadOnlySpan<byte> newName) =>
        Result(linkat(parent, name, newParent, newName, 0));

    public static int Remove(SafeFileHandle parent, ReadOnlySpan<byte> name) => Result(unlinkat(parent, name, 0));

    public static int SetLength(SafeFileHandle file, long lengthBytes) => Result(ftruncate(file, lengthBytes));

    /// <summary>Writes all of it.</summary>
    public static int WriteAt(SafeFileHandle file, ReadOnlySpan<byte> data, long offsetBytes)
    {
        while (!data.IsEmpty)
        {
            nint count = pwrite(file, data, (nuint)data.Length, offsetBytes);
            if (count < 0)
            {
                int error = Marshal.GetLastPInvokeError();
                if (error != EINTR)
                {
                    return error;
                }

                continue;
            }

            data = data[(int)count..];
            offsetBytes += count;
        }

        return 0;
    }

    public static int SetOwner(SafeFileHandle node, uint userId, uint groupId) => Result(fchownat(node, "\0"u8, userId, groupId, AT_EMPTY_PATH));

    /// <summary>Of a node from <see cref="OpenNode"/> that is no symlink: through /proc, as chmod of such a descriptor is not allowed.</summary>
    public static int SetMode(SafeFileHandle node, uint mode) => Result(chmod(PathOf(node), mode));

    /// <summary>Of a node from <see cref="OpenNode"/>, of any type.</summary>
    public static int SetXattr(SafeFileHandle node, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        Result(setxattr(PathOf(node), name, value, (nuint)value.Length, 0));

    /// <summary>Times of last access and last change.</summary>
    public static int SetTimes(SafeFileHandle parent, ReadOnlySpan<byte> name, in TimeSpec access, in TimeSpec modify) =>
        Result(utimensat(parent, name, [access, modify], AT_SYMLINK_NOFOLLOW));

    /// <summary>Makes the whole file system durable that the directory is on.</summary>
    public static int SyncFileSystem(SafeFileHandle directory) => Result(syncfs(directory));

    private static string PathOf(SafeFileHandle node) => $"/proc/self/fd/{node.DangerousGetHandle()}";

    private static int Result(int result) => result == 0 ? 0 : Marshal.GetLastPInvokeError();

    private static int Result(int descriptor, out SafeFileHandle handle)
    {
        int error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        handle = new SafeFileHandle(descriptor, ownsHandle: true);
        return error;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int openat(SafeFileHandle directory, ReadOnlySpan<byte> name, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mkdirat(SafeFileHandle directory, ReadOnlySpan<byte> name, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int symlinkat(ReadOnlySpan<byte> target, SafeFileHandle directory, ReadOnlySpan<byte> name);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mknodat(SafeFileHandle directory, ReadOnlySpan<byte> name, uint mode, ulong device);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int linkat(SafeFileHandle directory, ReadOnlySpan<byte> name, SafeFileHandle newDirectory, ReadOnlySpan<byte> newName, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unlinkat(SafeFileHandle directory, ReadOnlySpan<byte> name, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pwrite(SafeFileHandle file, ReadOnlySpan<byte> buffer, nuint count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(SafeFileHandle file, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchownat(SafeFileHandle directory, ReadOnlySpan<byte> name, uint user, uint group, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chmod(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setxattr(string path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, nuint size, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int utimensat(SafeFileHandle directory, ReadOnlySpan<byte> name, ReadOnlySpan<TimeSpec> times, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int syncfs(SafeFileHandle file);

    /// <summary><c>struct timespec</c> of 64-bit systems.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}
