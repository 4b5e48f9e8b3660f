using System.Runtime.InteropServices;

namespace Vault.Compare.Interop;

/// <summary>The C library's calls, by their names. Paths end with a zero byte.</summary>
internal static unsafe partial class LibC
{
    private const string C = "libc";

    [LibraryImport(C, SetLastError = true)]
    public static partial int openat(int directory, byte* path, int flags, uint mode);

    [LibraryImport(C, SetLastError = true)]
    public static partial int close(int fd);

    [LibraryImport(C, SetLastError = true)]
    public static partial nint pread(int fd, byte* buffer, nuint count, long offset);

    [LibraryImport(C, SetLastError = true)]
    public static partial nint pwrite(int fd, byte* buffer, nuint count, long offset);

    [LibraryImport(C, SetLastError = true)]
    public static partial int fsync(int fd);

    [LibraryImport(C, SetLastError = true)]
    public static partial int fdatasync(int fd);

    [LibraryImport(C, SetLastError = true)]
    public static partial int syncfs(int fd);

    [LibraryImport(C, SetLastError = true)]
    public static partial int mkdirat(int directory, byte* path, uint mode);

    [LibraryImport(C, SetLastError = true)]
    public static partial int renameat(int fromDirectory, byte* from, int toDirectory, byte* to);

    [LibraryImport(C, SetLastError = true)]
    public static partial int unlinkat(int directory, byte* path, int flags);

    [LibraryImport(C, SetLastError = true)]
    public static partial int fstatat(int directory, byte* path, byte* stat, int flags);

    [LibraryImport(C, SetLastError = true)]
    public static partial nint getdents64(int directory, byte* buffer, nuint size);

    [LibraryImport(C, SetLastError = true)]
    public static partial void* mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport(C, SetLastError = true)]
    public static partial int munmap(void* address, nuint length);

    [LibraryImport(C, SetLastError = true)]
    public static partial int getrusage(int who, ResourceUsage* usage);

    [LibraryImport(C, SetLastError = true)]
    public static partial int kill(int process, int signal);

    [LibraryImport(C, SetLastError = true)]
    public static partial byte* mkdtemp(byte* template);
}
