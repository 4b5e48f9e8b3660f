using System.Runtime.InteropServices;

namespace Vault.Fuse.Interop;

/// <summary>
/// The C library's functions under their own names. Wrappers elsewhere in this folder give them types. An error is a
/// negative result; <see cref="Marshal.GetLastSystemError"/> right after the call tells which, and for those that take texts
/// <see cref="Marshal.GetLastPInvokeError"/>, as freeing the text may change it.
/// </summary>
internal static unsafe partial class LibC
{
    private const string Library = "libc";

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int open(string path, int flags, uint mode);

    [LibraryImport(Library)]
    internal static partial nint read(int fd, byte* buffer, nuint count);

    [LibraryImport(Library)]
    internal static partial nint write(int fd, byte* buffer, nuint count);

    [LibraryImport(Library)]
    internal static partial int ioctl(int fd, nuint request, uint* argument);

    [LibraryImport(Library)]
    internal static partial int fcntl(int fd, int command, nint argument);

    [LibraryImport(Library)]
    internal static partial int pipe2(int* ends, int flags);

    [LibraryImport(Library)]
    internal static partial int socketpair(int domain, int type, int protocol, int* ends);

    [LibraryImport(Library)]
    internal static partial nint recvmsg(int socket, MessageHeader* message, int flags);

    [LibraryImport(Library)]
    internal static partial byte* mmap(void* address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport(Library)]
    internal static partial int munmap(void* address, nuint length);

    [LibraryImport(Library)]
    internal static partial int madvise(void* address, nuint length, int advice);

    [LibraryImport(Library)]
    internal static partial int mlock(void* address, nuint length);

    [LibraryImport(Library)]
    internal static partial int getrlimit(int resource, ulong* softAndHard);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int mount(string source, string target, string type, nuint flags, string data);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int umount2(string target, int flags);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int statfs(string path, byte* result);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int statx(int directory, string path, int flags, uint mask, byte* result);

    [LibraryImport(Library)]
    internal static partial int prctl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    [LibraryImport(Library)]
    internal static partial uint geteuid();

    [LibraryImport(Library)]
    internal static partial uint getegid();

    [LibraryImport(Library)]
    internal static partial nuint pthread_self();

    [LibraryImport(Library)]
    internal static partial int pthread_kill(nuint thread, int signal);

    [LibraryImport(Library)]
    internal static partial int sigaction(int signal, SignalAction* action, void* previous);

    [LibraryImport(Library)]
    internal static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport(Library)]
    internal static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport(Library)]
    internal static partial int posix_spawn_file_actions_adddup2(byte* actions, int fd, int newFd);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int posix_spawn_file_actions_addopen(byte* actions, int fd, string path, int flags, uint mode);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int posix_spawn(int* pid, string path, byte* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport(Library)]
    internal static partial int waitpid(int pid, int* status, int options);
}
