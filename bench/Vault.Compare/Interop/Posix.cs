using System.Runtime.InteropServices;

namespace Vault.Compare.Interop;

/// <summary>
/// System calls on spans. A call that fails throws <see cref="IOException"/> with its name and errno; no call is repeated or retried, so that
/// each is exactly one.
/// </summary>
internal static unsafe class Posix
{
    // SAFETY, for all below: memory is pinned during the call by 'fixed' or lies on the stack, its length goes with it, and paths end with a zero byte.

    public const int CurrentDirectory = -100;
    public const int OpenRead = 0;
    public const int OpenWrite = 1;
    public const int OpenReadWrite = 2;
    public const int OpenCreate = 0x40;
    public const int OpenExclusive = 0x80;
    public const int OpenAppend = 0x400;

    private const int OpenCloseOnExec = 0x80000;
    private const int RemoveDirectoryFlag = 0x200;
    private const int NoFollow = 0x100;
    private const int ResourceUsageSelf = 0;
    private const int ResourceUsageChildren = -1;
    private const int StatSize = 256;
    private const int KillSignal = 9;
    private const int InvalidArgument = 22;
    private const int NotImplemented = 38;
    private const int NotSupported = 95;

    public static byte[] Path(string path) => Encoding.UTF8.GetBytes(path + "\0");

    public static int Open(ReadOnlySpan<byte> path, int flags, int directory = CurrentDirectory)
    {
        fixed (byte* name = path)
            return Checked(LibC.openat(directory, name, flags | OpenCloseOnExec, 0x180), "open");
    }

    public static void Close(int fd) => Checked(LibC.close(fd), "close");

    /// <summary>Reads exactly the whole buffer in one call.</summary>
    public static void ReadAt(int fd, Span<byte> buffer, long offset)
    {
        fixed (byte* bytes = buffer)
            Whole(LibC.pread(fd, bytes, (nuint)buffer.Length, offset), buffer.Length, "pread");
    }

    /// <summary>Writes exactly the whole buffer in one call.</summary>
    public static void WriteAt(int fd, ReadOnlySpan<byte> buffer, long offset)
    {
        fixed (byte* bytes = buffer)
            Whole(LibC.pwrite(fd, bytes, (nuint)buffer.Length, offset), buffer.Length, "pwrite");
    }

    public static void Sync(int fd) => Checked(LibC.fsync(fd), "fsync");

    public static void SyncData(int fd) => Checked(LibC.fdatasync(fd), "fdatasync");

    public static void SyncFileSystem(int fd) => Checked(LibC.syncfs(fd), "syncfs");

    public static void MakeDirectory(ReadOnlySpan<byte> path)
    {
        fixed (byte* name = path)
            Checked(LibC.mkdirat(CurrentDirectory, name, 0x1C0), "mkdir");
    }

    public static void Rename(int directory, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        fixed (byte* source = from, target = to)
            Checked(LibC.renameat(directory, source, directory, target), "rename");
    }

    public static void Unlink(int directory, ReadOnlySpan<byte> path)
    {
        fixed (byte* name = path)
            Checked(LibC.unlinkat(directory, name, 0), "unlink");
    }

    public static void RemoveDirectory(int directory, ReadOnlySpan<byte> path)
    {
        fixed (byte* name = path)
            Checked(LibC.unlinkat(directory, name, RemoveDirectoryFlag), "rmdir");
    }

    public static void Stat(int directory, ReadOnlySpan<byte> path)
    {
        byte* stat = stackalloc byte[StatSize];
        fixed (byte* name = path)
            Checked(LibC.fstatat(directory, name, stat, NoFollow), "stat");
    }

    /// <returns>Bytes of <c>struct linux_dirent64</c>; 0 at the end.</returns>
    public static int ReadDirectory(int directory, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
            return (int)Checked(LibC.getdents64(directory, bytes, (nuint)buffer.Length), "getdents64");
    }

    /// <summary>User and system time of this process and of its children that have ended.</summary>
    public static long CpuMicroseconds()
    {
        ResourceUsage self, children;
        Checked(LibC.getrusage(ResourceUsageSelf, &self), "getrusage");
        Checked(LibC.getrusage(ResourceUsageChildren, &children), "getrusage");
        return self.CpuMicroseconds + children.CpuMicroseconds;
    }

    /// <summary>Ends one process. That it has gone already is no error.</summary>
    public static void Kill(int process) => _ = LibC.kill(process, KillSignal);

    /// <summary>Makes a new directory of mode 0700.</summary>
    /// <param name="prefix">Its path, to which random letters are added.</param>
    public static string MakeTemporaryDirectory(string prefix)
    {
        byte[] template = Path(prefix + "XXXXXX");
        fixed (byte* name = template)
            return LibC.mkdtemp(name) is null ? throw Failure("mkdtemp " + prefix) : Encoding.UTF8.GetString(template.AsSpan(..^1));
    }

    /// <summary>Compiles what the loops call, so that none of that is in what is measured.</summary>
    public static void Warm()
    {
        byte one = 0;
        _ = LibC.pread(-1, &one, 1, 0);
        _ = LibC.pwrite(-1, &one, 1, 0);
        _ = LibC.fsync(-1);
        _ = LibC.fdatasync(-1);
        _ = LibC.close(-1);
        _ = LibC.openat(-1, &one, 0, 0);
        _ = LibC.fstatat(-1, &one, &one, 0);
        _ = LibC.getdents64(-1, &one, 1);
        _ = LibC.unlinkat(-1, &one, 0);
        _ = LibC.renameat(-1, &one, -1, &one);
        _ = LibC.mkdirat(-1, &one, 0);
        _ = CpuMicroseconds();
    }

    /// <summary>Syncs a directory, if its file system can: not every peer has that, and one without has nothing to write later.</summary>
    public static void SyncDirectory(int fd)
    {
        if (LibC.fsync(fd) < 0 && Marshal.GetLastPInvokeError() is not (InvalidArgument or NotImplemented or NotSupported))
            throw Failure("fsync");
    }

    internal static IOException Failure(string call) => new($"{call}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    private static void Whole(nint done, int wanted, string call)
    {
        if (Checked(done, call) != wanted)
            throw new IOException($"{call}: {done} of {wanted} bytes");
    }

    private static int Checked(int result, string call) => result < 0 ? throw Failure(call) : result;

    private static nint Checked(nint result, string call) => result < 0 ? throw Failure(call) : result;
}
