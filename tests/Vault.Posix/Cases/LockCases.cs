namespace Vault.Posix.Cases;

/// <summary>flock(2), and the record locks of fcntl(2): of the process (POSIX) and of the open file (OFD).</summary>
internal static class LockCases
{
    public static readonly Group Flock = new("flock")
    {
        { "one exclusive holder: EAGAIN for others until it lets go", () =>
        {
            (int first, int second) = TwoDescriptors();
            flock(first, LOCK_EX).Ok();
            flock(second, LOCK_EX | LOCK_NB).Fails(EAGAIN);
            flock(second, LOCK_SH | LOCK_NB).Fails(EAGAIN);
            flock(first, LOCK_UN).Ok();
            flock(second, LOCK_EX | LOCK_NB).Ok();
        } },
        { "many shared holders, none exclusive", () =>
        {
            (int first, int second) = TwoDescriptors();
            flock(first, LOCK_SH).Ok();
            flock(second, LOCK_SH | LOCK_NB).Ok();
            flock(second, LOCK_EX | LOCK_NB).Fails(EAGAIN);
        } },
        { "belongs to the open file: a duplicate shares it, and unlocks it", () =>
        {
            (int first, int second) = TwoDescriptors();
            flock(first, LOCK_EX).Ok();
            int copy = dup(first).Ok();
            flock(copy, LOCK_EX | LOCK_NB).Ok();
            flock(copy, LOCK_UN).Ok();
            flock(second, LOCK_EX | LOCK_NB).Ok();
        } },
        { "goes with the last descriptor of the open file", () =>
        {
            (int first, int second) = TwoDescriptors();
            flock(first, LOCK_EX).Ok();
            int copy = dup(first).Ok();
            close(first).Ok();
            flock(second, LOCK_EX | LOCK_NB).Fails(EAGAIN);
            close(copy).Ok();
            flock(second, LOCK_EX | LOCK_NB).Ok();
        } },
        { "a shared lock becomes exclusive, and back", () =>
        {
            (int first, int second) = TwoDescriptors();
            flock(first, LOCK_SH).Ok();
            flock(first, LOCK_EX).Ok();
            flock(second, LOCK_SH | LOCK_NB).Fails(EAGAIN);
            flock(first, LOCK_SH).Ok();
            flock(second, LOCK_SH | LOCK_NB).Ok();
        } },
        { "waits until the other lets go", () =>
        {
            (int first, int second) = TwoDescriptors();
            flock(first, LOCK_EX).Ok();
            Thread waiter = new(() => flock(second, LOCK_EX).Ok());
            waiter.Start();
            waiter.Join(30).Is(false);
            flock(first, LOCK_UN).Ok();
            waiter.Join(10_000).Is(true);
        } },
        { "of directories, and of files opened to read", () =>
        {
            flock(open(".", O_RDONLY).Ok(), LOCK_EX).Ok();
            flock(open(".", O_RDONLY).Ok(), LOCK_EX | LOCK_NB).Fails(EAGAIN);
        } },
        { "EINVAL: no operation; EBADF: no descriptor", () =>
        {
            (int first, _) = TwoDescriptors();
            flock(first, 0).Fails(EINVAL);
            flock(-1, LOCK_EX).Fails(EBADF);
        } },
        { "keeps other processes out", () =>
        {
            File("f");
            int fd = open("f", O_RDWR).Ok();
            flock(fd, LOCK_SH).Ok();
            (Other("-s"), Other("-x")).Is((0, 1));
            flock(fd, LOCK_EX).Ok();
            Other("-s").Is(1);
            close(fd).Ok();
            Other("-x").Is(0);

            // flock(1): 1 if the lock is not to be had at once.
            static int Other(string kind)
            {
                using System.Diagnostics.Process process = System.Diagnostics.Process.Start("flock", ["--nonblock", kind, Path.GetFullPath("f"), "true"]);
                process.WaitForExit();
                return process.ExitCode;
            }
        } },
        { "nothing to do with record locks", () =>
        {
            (int first, int second) = TwoDescriptors();
            flock(first, LOCK_EX).Ok();
            Lock(second, F_OFD_SETLK, F_WRLCK, 0, 0).Ok();
        } },
    };

    public static readonly Group Ofd = new("fcntl locks of open files")
    {
        { "ranges exclude each other where they overlap", () =>
        {
            (int first, int second) = TwoDescriptors();
            Lock(first, F_OFD_SETLK, F_WRLCK, 10, 10).Ok();
            Lock(second, F_OFD_SETLK, F_WRLCK, 15, 10).Fails(EAGAIN);
            Lock(second, F_OFD_SETLK, F_RDLCK, 19, 1).Fails(EAGAIN);
            Lock(second, F_OFD_SETLK, F_WRLCK, 0, 10).Ok();
            Lock(second, F_OFD_SETLK, F_WRLCK, 20, 10).Ok();
        } },
        { "a length of 0 reaches to the end, wherever that will be", () =>
        {
            (int first, int second) = TwoDescriptors();
            Lock(first, F_OFD_SETLK, F_WRLCK, 100, 0).Ok();
            Lock(second, F_OFD_SETLK, F_RDLCK, 1L << 50, 1).Fails(EAGAIN);
            Lock(second, F_OFD_SETLK, F_RDLCK, 0, 100).Ok();
        } },
        { "read locks are shared", () =>
        {
            (int first, int second) = TwoDescriptors();
            Lock(first, F_OFD_SETLK, F_RDLCK, 0, 10).Ok();
            Lock(second, F_OFD_SETLK, F_RDLCK, 0, 10).Ok();
            Lock(second, F_OFD_SETLK, F_WRLCK, 0, 10).Fails(EAGAIN);
        } },
        { "unlocking the middle leaves both sides", () =>
        {
            (int first, int second) = TwoDescriptors();
            Lock(first, F_OFD_SETLK, F_WRLCK, 0, 30).Ok();
            Lock(first, F_OFD_SETLK, F_UNLCK, 10, 10).Ok();
            Lock(second, F_OFD_SETLK, F_WRLCK, 10, 10).Ok();
            Lock(second, F_OFD_SETLK, F_WRLCK, 9, 1).Fails(EAGAIN);
            Lock(second, F_OFD_SETLK, F_WRLCK, 20, 1).Fails(EAGAIN);
        } },
        { "F_GETLK tells who is in the way", () =>
        {
            (int first, int second) = TwoDescriptors();
            Lock(first, F_OFD_SETLK, F_WRLCK, 10, 5).Ok();
            Interop.Flock asked = new() { Type = F_RDLCK, Start = 0, Length = 100 };
            fcntl_lock(second, F_OFD_GETLK, ref asked).Ok();
            (asked.Type, asked.Start, asked.Length).Is((F_WRLCK, 10, 5));
            asked = new() { Type = F_RDLCK, Start = 50, Length = 100 };
            fcntl_lock(second, F_OFD_GETLK, ref asked).Ok();
            asked.Type.Is(F_UNLCK);
        } },
        { "go with the open file's last descriptor", () =>
        {
            (int first, int second) = TwoDescriptors();
            Lock(first, F_OFD_SETLK, F_WRLCK, 0, 0).Ok();
            close(first).Ok();
            Lock(second, F_OFD_SETLK, F_WRLCK, 0, 0).Ok();
        } },
        { "EBADF: a write lock needs a descriptor that writes, a read lock one that reads", () =>
        {
            File("f");
            Lock(open("f", O_RDONLY).Ok(), F_OFD_SETLK, F_WRLCK, 0, 0).Fails(EBADF);
            Lock(open("f", O_WRONLY).Ok(), F_OFD_SETLK, F_RDLCK, 0, 0).Fails(EBADF);
        } },
        { "EINVAL: a range before the beginning", () =>
        {
            (int first, _) = TwoDescriptors();
            Lock(first, F_OFD_SETLK, F_WRLCK, -1, 10).Fails(EINVAL);
        } },
    };

    public static readonly Group Posix = new("fcntl locks of processes")
    {
        { "exclude open-file locks of the same range", () =>
        {
            (int first, int second) = TwoDescriptors();
            Lock(first, F_SETLK, F_WRLCK, 0, 10).Ok();
            Lock(second, F_OFD_SETLK, F_WRLCK, 5, 10).Fails(EAGAIN);
            Lock(second, F_OFD_SETLK, F_WRLCK, 10, 10).Ok();
        } },
        { "one process never waits for itself", () =>
        {
            (int first, int second) = TwoDescriptors();
            Lock(first, F_SETLK, F_WRLCK, 0, 10).Ok();
            Lock(second, F_SETLK, F_WRLCK, 0, 10).Ok();
        } },
        { "closing any descriptor of the file gives up all of them", () =>
        {
            (int first, int second) = TwoDescriptors();
            int third = open("f", O_RDONLY).Ok();
            Lock(first, F_SETLK, F_WRLCK, 0, 10).Ok();
            Lock(second, F_OFD_SETLK, F_WRLCK, 0, 10).Fails(EAGAIN);
            close(third).Ok();
            Lock(second, F_OFD_SETLK, F_WRLCK, 0, 10).Ok();
        } },
        { "F_GETLK names the process", () =>
        {
            (int first, int second) = TwoDescriptors();
            Lock(first, F_SETLK, F_WRLCK, 3, 4).Ok();
            Interop.Flock asked = new() { Type = F_WRLCK, Start = 0, Length = 0 };
            fcntl_lock(second, F_OFD_GETLK, ref asked).Ok();
            (asked.Type, asked.Start, asked.Length, asked.ProcessId).Is((F_WRLCK, 3, 4, Environment.ProcessId));
        } },
        { "a lock counts from the position or from the end if asked to", () =>
        {
            (int first, int second) = TwoDescriptors();
            WriteAt(first, Long(100), 0);
            Interop.Flock wanted = new() { Type = F_WRLCK, Whence = SEEK_END, Start = -10, Length = 10 };
            fcntl_lock(first, F_SETLK, ref wanted).Ok();
            Lock(second, F_OFD_SETLK, F_WRLCK, 89, 1).Ok();
            Lock(second, F_OFD_SETLK, F_WRLCK, 90, 1).Fails(EAGAIN);
        } },
    };

    private static (int First, int Second) TwoDescriptors() => (open("f", O_RDWR | O_CREAT, 0644).Ok(), open("f", O_RDWR | O_CREAT, 0644).Ok());

    private static Outcome Lock(int fd, int command, short type, long start, long length)
    {
        Interop.Flock wanted = new() { Type = type, Whence = SEEK_SET, Start = start, Length = length };
        return fcntl_lock(fd, command, ref wanted);
    }
}
