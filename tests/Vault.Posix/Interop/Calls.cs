using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace Vault.Posix.Interop;

/// <summary>The C library's calls, by their names, on paths relative to the directory of the case.</summary>
internal static unsafe partial class Calls
{
    private const string C = "libc";
    private const StringMarshalling Custom = StringMarshalling.Custom;

    // Names.
    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome open(string path, int flags, Mode mode = default);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome openat(int directory, string path, int flags, Mode mode = default);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome creat(string path, Mode mode);

    [LibraryImport(C)]
    public static partial Outcome close(int fd);

    [LibraryImport(C)]
    public static partial Outcome dup(int fd);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome mkdir(string path, Mode mode);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome mkdirat(int directory, string path, Mode mode);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome rmdir(string path);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome mknod(string path, Mode mode, ulong device);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome mkfifo(string path, Mode mode);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome unlink(string path);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome unlinkat(int directory, string path, int flags);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome link(string from, string to);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome linkat(int fromDirectory, string from, int toDirectory, string to, int flags);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome symlink(string target, string path);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome readlink(string path, Span<byte> buffer, nuint size);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome rename(string from, string to);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome renameat2(int fromDirectory, string from, int toDirectory, string to, uint flags);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome chdir(string path);

    [LibraryImport(C)]
    public static partial Outcome fchdir(int fd);

    // Attributes.
    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome chmod(string path, Mode mode);

    [LibraryImport(C)]
    public static partial Outcome fchmod(int fd, Mode mode);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome chown(string path, int uid, int gid);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome lchown(string path, int uid, int gid);

    [LibraryImport(C)]
    public static partial Outcome fchown(int fd, int uid, int gid);

    [LibraryImport(C, EntryPoint = "umask")]
    public static partial Mode umask(Mode mask);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome utimensat(int directory, string path, ReadOnlySpan<Time> accessAndModify, int flags);

    [LibraryImport(C)]
    public static partial Outcome futimens(int fd, ReadOnlySpan<Time> accessAndModify);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome faccessat(int directory, string path, int mode, int flags);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome statx(int directory, string path, int flags, uint mask, out StatxBuffer buffer);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome statfs(string path, out StatfsBuffer buffer);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome truncate(string path, long length);

    [LibraryImport(C)]
    public static partial Outcome ftruncate(int fd, long length);

    // Extended attributes.
    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome setxattr(string path, string name, ReadOnlySpan<byte> value, nuint size, int flags);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome lsetxattr(string path, string name, ReadOnlySpan<byte> value, nuint size, int flags);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome fsetxattr(int fd, string name, ReadOnlySpan<byte> value, nuint size, int flags);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome getxattr(string path, string name, Span<byte> value, nuint size);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome lgetxattr(string path, string name, Span<byte> value, nuint size);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome fgetxattr(int fd, string name, Span<byte> value, nuint size);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome listxattr(string path, Span<byte> names, nuint size);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome removexattr(string path, string name);

    // Data.
    [LibraryImport(C)]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome read(int fd, Span<byte> buffer, nuint count);

    [LibraryImport(C)]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome write(int fd, ReadOnlySpan<byte> buffer, nuint count);

    [LibraryImport(C, EntryPoint = "write")]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome write_from(int fd, nint address, nuint count);

    [LibraryImport(C, EntryPoint = "pread")]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome pread_into(int fd, nint address, nuint count, long offset);

    [LibraryImport(C)]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome pread(int fd, Span<byte> buffer, nuint count, long offset);

    [LibraryImport(C)]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome pwrite(int fd, ReadOnlySpan<byte> buffer, nuint count, long offset);

    [LibraryImport(C, EntryPoint = "pwrite")]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome pwrite_from(int fd, nint address, nuint count, long offset);

    [LibraryImport(C)]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome preadv2(int fd, ReadOnlySpan<IoVector> vectors, int count, long offset, int flags);

    [LibraryImport(C)]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome pwritev2(int fd, ReadOnlySpan<IoVector> vectors, int count, long offset, int flags);

    [LibraryImport(C)]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome lseek(int fd, long offset, int whence);

    [LibraryImport(C)]
    public static partial Outcome fsync(int fd);

    [LibraryImport(C)]
    public static partial Outcome fdatasync(int fd);

    [LibraryImport(C)]
    public static partial Outcome syncfs(int fd);

    [LibraryImport(C)]
    public static partial Outcome sync_file_range(int fd, long offset, long length, uint flags);

    [LibraryImport(C)]
    public static partial Outcome fallocate(int fd, int mode, long offset, long length);

    [LibraryImport(C)]
    public static partial Outcome posix_fadvise(int fd, long offset, long length, int advice);

    [LibraryImport(C)]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome copy_file_range(int from, ref long fromOffset, int to, ref long toOffset, nuint length, uint flags);

    [LibraryImport(C)]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome sendfile(int to, int from, ref long offset, nuint count);

    [LibraryImport(C)]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome splice(int from, nint fromOffset, int to, nint toOffset, nuint length, uint flags);

    [LibraryImport(C)]
    public static partial Outcome pipe2(Span<int> readAndWrite, int flags);

    [LibraryImport(C)]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome mmap(nint address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport(C)]
    public static partial Outcome munmap(nint address, nuint length);

    [LibraryImport(C)]
    public static partial Outcome msync(nint address, nuint length, int flags);

    // Directories, locks and the rest.
    [LibraryImport(C)]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome getdents64(int fd, Span<byte> buffer, nuint size);

    [LibraryImport(C)]
    public static partial Outcome flock(int fd, int operation);

    [LibraryImport(C)]
    public static partial Outcome fcntl(int fd, int command, long argument);

    [LibraryImport(C, EntryPoint = "fcntl")]
    public static partial Outcome fcntl_lock(int fd, int command, ref Flock flock);

    [LibraryImport(C, EntryPoint = "ioctl")]
    public static partial Outcome ioctl(int fd, ulong request, ref long argument);

    [LibraryImport(C)]
    public static partial Outcome inotify_init1(int flags);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome inotify_add_watch(int fd, string path, uint mask);

    [LibraryImport(C)]
    public static partial Outcome fanotify_init(uint flags, uint eventFlags);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome fanotify_mark(int fd, uint flags, ulong mask, int directory, string path);

    [LibraryImport(C, StringMarshalling = Custom, StringMarshallingCustomType = typeof(PathText))]
    public static partial Outcome name_to_handle_at(int directory, string path, Span<byte> handle, out int mountId, int flags);

    [LibraryImport(C)]
    public static partial Outcome open_by_handle_at(int mount, Span<byte> handle, int flags);

    [LibraryImport(C)]
    public static partial Outcome socket(int domain, int type, int protocol);

    [LibraryImport(C)]
    public static partial Outcome bind(int socket, ReadOnlySpan<byte> address, int length);

    [LibraryImport(C)]
    public static partial Outcome listen(int socket, int backlog);

    [LibraryImport(C)]
    public static partial Outcome connect(int socket, ReadOnlySpan<byte> address, int length);

    [LibraryImport(C)]
    public static partial Outcome setrlimit(int resource, ReadOnlySpan<ulong> softAndHard);

    [LibraryImport(C)]
    [return: MarshalUsing(typeof(LongOutcome))]
    public static partial Outcome signal(int number, nint handler);
}

/// <summary><c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct IoVector(nint Address, nuint Length);

/// <summary><c>struct flock</c> of 64-bit systems.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Flock
{
    public short Type;
    public short Whence;
    public long Start;
    public long Length;
    public int ProcessId;
}

/// <summary><c>struct statfs</c> of 64-bit systems.</summary>
[StructLayout(LayoutKind.Sequential, Size = 120)]
internal readonly struct StatfsBuffer
{
    public readonly long Type;
    public readonly long BlockSize;
    public readonly long Blocks;
    public readonly long BlocksFree;
    public readonly long BlocksAvailable;
    public readonly long Files;
    public readonly long FilesFree;
    public readonly long FileSystemId;
    public readonly long NameLength;
    public readonly long FragmentSize;
    public readonly long Flags;
}
