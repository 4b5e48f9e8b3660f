namespace Vault.Posix.Cases;

/// <summary>open(2) and creat(2).</summary>
internal static class OpenCases
{
    public static readonly Group Open = new("open")
    {
        { "makes an empty file with the mode asked for", () =>
        {
            open("f", O_WRONLY | O_CREAT, 0640).Ok();
            Stat f = Stat("f");
            f.Type.Is(FileType.Regular);
            f.Mode.Is(0640);
            f.Size.Is(0);
            f.Links.Is(1);
        } },
        { "a new file belongs to who makes it", () =>
        {
            chmod(".", 0777).Ok();
            As(Alice, () => open("f", O_WRONLY | O_CREAT, 0644).Ok());
            (Stat("f").Uid, Stat("f").Gid).Is((Alice.Uid, Alice.Gid));
        } },
        { "the umask takes bits from a new file's mode", () => WithUmask(0027, () =>
        {
            open("f", O_WRONLY | O_CREAT, 0777).Ok();
            Stat("f").Mode.Is(0750);
        }) },
        { "a file made without write permission can be written through the descriptor that made it", () =>
        {
            chmod(".", 0777).Ok();
            As(Alice, () => Write(open("f", O_WRONLY | O_CREAT, 0444).Ok(), "text"));
            Content("f").Is("text");
        } },
        { "O_CREAT opens a file that exists and leaves its mode", () =>
        {
            File("f", "text", 0600);
            ReadAt(open("f", O_RDWR | O_CREAT, 0777).Ok(), 10, 0).Is("text");
            Stat("f").Mode.Is(0600);
        } },
        { "O_CREAT through a symlink that leads nowhere makes its target", () =>
        {
            symlink("target", "link").Ok();
            open("link", O_WRONLY | O_CREAT, 0644).Ok();
            Lstat("target").Type.Is(FileType.Regular);
            Lstat("link").Type.Is(FileType.Symlink);
        } },
        { "ENOENT: no such name", () => open("f", O_RDONLY).Fails(ENOENT) },
        { "ENOENT: no such directory on the way", () => open("d/f", O_RDWR | O_CREAT, 0644).Fails(ENOENT) },
        { "ENOENT: an empty path", () => open("", O_RDONLY).Fails(ENOENT) },
        { "ENOENT: a symlink that leads nowhere", () =>
        {
            symlink("nowhere", "link").Ok();
            open("link", O_RDONLY).Fails(ENOENT);
        } },
        { "ENOTDIR: a file on the way", () =>
        {
            File("f");
            open("f/x", O_RDONLY).Fails(ENOTDIR);
            open("f/x", O_WRONLY | O_CREAT, 0644).Fails(ENOTDIR);
        } },
        { "ENOTDIR: a slash after a file's name", () =>
        {
            File("f");
            open("f/", O_RDONLY).Fails(ENOTDIR);
        } },
        { "EISDIR: O_CREAT with a slash after a name", () => open("f/", O_WRONLY | O_CREAT, 0644).Fails(EISDIR) },
        { "EISDIR: a directory to write", () =>
        {
            Directory("d");
            open("d", O_WRONLY).Fails(EISDIR);
            open("d", O_RDWR).Fails(EISDIR);
            open("d", O_RDONLY | O_TRUNC).Fails(EISDIR);
            open("d", O_RDONLY | O_CREAT, 0644).Fails(EISDIR);
        } },
        { "ENAMETOOLONG: a name of 256 bytes", () =>
        {
            open(Long(NAME_MAX + 1), O_RDONLY).Fails(ENAMETOOLONG);
            open(Long(NAME_MAX + 1), O_WRONLY | O_CREAT, 0644).Fails(ENAMETOOLONG);
        } },
        { "ELOOP: a symlink to itself", () =>
        {
            symlink("loop", "loop").Ok();
            open("loop", O_RDONLY).Fails(ELOOP);
            open("loop/x", O_RDONLY).Fails(ELOOP);
        } },
        { "EACCES: no permission for the file", () =>
        {
            File("f", "", 0640, Alice);
            As(Bob, () =>
            {
                open("f", O_RDONLY).Fails(EACCES);
                open("f", O_WRONLY).Fails(EACCES);
            });
            As(Carol, () =>
            {
                open("f", O_RDONLY).Ok();
                open("f", O_WRONLY).Fails(EACCES);
                open("f", O_RDONLY | O_TRUNC).Fails(EACCES);
            });
        } },
        { "EACCES: the directory may not be searched", () =>
        {
            Directory("d", 0755);
            File("d/f", "", 0666);
            chmod("d", 0666).Ok();
            As(Bob, () => open("d/f", O_RDONLY).Fails(EACCES));
        } },
        { "EACCES: the directory may not be written", () =>
        {
            Directory("d", 0755);
            As(Bob, () => open("d/f", O_WRONLY | O_CREAT, 0644).Fails(EACCES));
            Names("d").Are();
        } },
        { "EFAULT: no path", () => statx(AT_FDCWD, null!, 0, 0, out _).Fails(EFAULT) },
        { "ETXTBSY: a program that runs, to write", () =>
        {
            System.IO.File.Copy("/usr/bin/sleep", Path.GetFullPath("program"));
            chmod("program", 0755).Ok();
            using System.Diagnostics.Process process = System.Diagnostics.Process.Start(Path.GetFullPath("program"), "1000");
            try
            {
                open("program", O_WRONLY).Fails(ETXTBSY);
                truncate("program", 0).Fails(ETXTBSY);
            }
            finally
            {
                process.Kill();
                process.WaitForExit();
            }
        } },
        { "ENXIO: a fifo that nobody reads, to write without waiting", () =>
        {
            mkfifo("fifo", 0644).Ok();
            open("fifo", O_WRONLY | O_NONBLOCK).Fails(ENXIO);
        } },
        { "ENXIO: a socket", () =>
        {
            mknod("socket", (Mode)0644 | FileType.Socket, 0).Ok();
            open("socket", O_RDONLY).Fails(ENXIO);
        } },
    };

    public static readonly Group OpenExclusive = new("open O_EXCL")
    {
        { "makes a file that is not there", () => open("f", O_WRONLY | O_CREAT | O_EXCL, 0644).Ok() },
        { "EEXIST: a file", () =>
        {
            File("f", "text");
            open("f", O_WRONLY | O_CREAT | O_EXCL, 0644).Fails(EEXIST);
            open("f", O_WRONLY | O_CREAT | O_EXCL | O_TRUNC, 0644).Fails(EEXIST);
            Content("f").Is("text");
        } },
        { "EEXIST: a directory", () =>
        {
            Directory("d");
            open("d", O_RDONLY | O_CREAT | O_EXCL, 0644).Fails(EEXIST);
        } },
        { "EEXIST: a symlink, even one that leads nowhere", () =>
        {
            symlink("nowhere", "link").Ok();
            open("link", O_WRONLY | O_CREAT | O_EXCL, 0644).Fails(EEXIST);
            Exists("nowhere").Is(false);
        } },
        { "of many who make one name at once one alone succeeds", () =>
        {
            int made = 0;
            Parallel.For(0, 8, _ =>
            {
                if (open("f", O_WRONLY | O_CREAT | O_EXCL, 0644).Error == None)
                {
                    Interlocked.Increment(ref made);
                }
            });
            made.Is(1);
        } },
    };

    public static readonly Group OpenTruncate = new("open O_TRUNC")
    {
        { "empties a file and keeps its inode, mode and links", () =>
        {
            File("f", "text", 0640);
            Stat before = Stat("f");
            open("f", O_WRONLY | O_TRUNC).Ok();
            Stat after = Stat("f");
            (after.Inode, after.Size, after.Blocks, after.Mode).Is((before.Inode, 0, 0, (Mode)0640));
        } },
        { "empties a file that the kernel has cached, and that is then found empty", () =>
        {
            File("f", Long(10_000));
            Content("f").Length.Is(10_000);
            close(open("f", O_RDWR | O_TRUNC).Ok()).Ok();
            Content("f").Is("");
        } },
        { "sets mtime and ctime", () =>
        {
            File("f", "text");
            Sets("f", Times.Modify | Times.Change, () => open("f", O_WRONLY | O_TRUNC).Ok());
        } },
        { "sets mtime and ctime of a file that is empty already", () =>
        {
            File("f");
            Sets("f", Times.Modify | Times.Change, () => open("f", O_WRONLY | O_TRUNC).Ok());
        } },
        { "clears set-id bits when an ordinary user empties a file", () =>
        {
            File("f", "text", 06777, Alice);
            As(Bob, () => open("f", O_WRONLY | O_TRUNC).Ok());
            Stat("f").Mode.Is(0777);
        } },
        { "leaves a fifo alone", () =>
        {
            mkfifo("fifo", 0644).Ok();
            open("fifo", O_RDWR | O_NONBLOCK | O_TRUNC).Ok();
        } },
        { "other descriptors see the end of the file move", () =>
        {
            File("f", "text");
            int fd = open("f", O_RDONLY).Ok();
            open("f", O_WRONLY | O_TRUNC).Ok();
            ReadAt(fd, 10, 0).Is("");
        } },
    };

    public static readonly Group OpenFlags = new("open flags")
    {
        { "O_DIRECTORY: ENOTDIR for anything else", () =>
        {
            File("f");
            symlink("f", "link").Ok();
            open("f", O_RDONLY | O_DIRECTORY).Fails(ENOTDIR);
            open("link", O_RDONLY | O_DIRECTORY).Fails(ENOTDIR);
            open(".", O_RDONLY | O_DIRECTORY).Ok();
        } },
        { "O_NOFOLLOW: ELOOP for a symlink, which is followed on the way", () =>
        {
            Directory("d");
            File("d/f");
            symlink("d", "link").Ok();
            open("link", O_RDONLY | O_NOFOLLOW).Fails(ELOOP);
            open("link/f", O_RDONLY | O_NOFOLLOW).Ok();
        } },
        { "O_PATH opens what may not be read, for its attributes alone", () =>
        {
            File("f", "text", 0000, Alice);
            As(Bob, () =>
            {
                int fd = open("f", O_PATH).Ok();
                Stat(fd).Size.Is(4);
                read(fd, new byte[4], 4).Fails(EBADF);
            });
        } },
        { "O_PATH | O_NOFOLLOW opens a symlink itself", () =>
        {
            symlink("nowhere", "link").Ok();
            Stat(open("link", O_PATH | O_NOFOLLOW).Ok()).Type.Is(FileType.Symlink);
        } },
        { "O_APPEND writes at the end, wherever the descriptor stands", () =>
        {
            File("f", "one");
            int fd = open("f", O_RDWR | O_APPEND).Ok();
            lseek(fd, 0, SEEK_SET).Is(0);
            Write(fd, "two");
            Content("f").Is("onetwo");
            lseek(fd, 0, SEEK_CUR).Is(6);
        } },
        { "O_APPEND of two descriptors interleaves and overwrites nothing", () =>
        {
            File("f");
            int first = open("f", O_WRONLY | O_APPEND).Ok();
            int second = open("f", O_WRONLY | O_APPEND).Ok();
            for (int i = 0; i < 3; i++)
            {
                Write(first, "a");
                Write(second, "b");
            }

            Content("f").Is("ababab");
        } },
        { "O_APPEND: pwrite appends, as Linux does", () =>
        {
            File("f", "one");
            WriteAt(open("f", O_WRONLY | O_APPEND).Ok(), "two", 0);
            Content("f").Is("onetwo");
        } },
        { "O_APPEND goes on after the file was cut", () =>
        {
            File("f", "one");
            int fd = open("f", O_WRONLY | O_APPEND).Ok();
            truncate("f", 1).Ok();
            Write(fd, "two");
            Content("f").Is("otwo");
        } },
        { "O_RDONLY: EBADF for a write", () =>
        {
            File("f");
            write(open("f", O_RDONLY).Ok(), "x"u8, 1).Fails(EBADF);
        } },
        { "O_WRONLY: EBADF for a read", () =>
        {
            File("f");
            read(open("f", O_WRONLY).Ok(), new byte[1], 1).Fails(EBADF);
        } },
        { "O_NOATIME: EPERM for who does not own the file", () =>
        {
            File("f", "", 0644, Alice);
            As(Alice, () => open("f", O_RDONLY | O_NOATIME).Ok());
            As(Bob, () => open("f", O_RDONLY | O_NOATIME).Fails(EPERM));
        } },
        { "O_SYNC and O_DSYNC write what is then read", () =>
        {
            Write(open("f", O_WRONLY | O_CREAT | O_SYNC, 0644).Ok(), "one");
            Write(open("f", O_WRONLY | O_APPEND | O_DSYNC).Ok(), "two");
            Content("f").Is("onetwo");
        } },
        { "O_CLOEXEC, O_NONBLOCK and O_NOCTTY change nothing of a regular file", () =>
        {
            Write(open("f", O_WRONLY | O_CREAT | O_NONBLOCK | 0x80000 | 0x100, 0644).Ok(), "text");
            Content("f").Is("text");
        } },
        { "fcntl(F_SETFL) turns O_APPEND on and off", () =>
        {
            File("f", "one");
            int fd = open("f", O_WRONLY).Ok();
            fcntl(fd, F_SETFL, O_APPEND).Ok();
            Write(fd, "2");
            fcntl(fd, F_SETFL, 0).Ok();
            WriteAt(fd, "O", 0);
            Content("f").Is("One2");
        } },
        { "openat finds names from a directory, even one that was moved", () =>
        {
            Directory("d");
            File("d/f", "text");
            int d = open("d", O_RDONLY | O_DIRECTORY).Ok();
            rename("d", "e").Ok();
            ReadAt(openat(d, "f", O_RDONLY).Ok(), 10, 0).Is("text");
        } },
        { "openat: ENOTDIR from a file, EBADF from nothing", () =>
        {
            File("f");
            openat(open("f", O_RDONLY).Ok(), "x", O_RDONLY).Fails(ENOTDIR);
            openat(-1, "x", O_RDONLY).Fails(EBADF);
        } },
        { "openat: ENOENT in a directory that was removed", () =>
        {
            Directory("d");
            int d = open("d", O_RDONLY | O_DIRECTORY).Ok();
            rmdir("d").Ok();
            openat(d, "x", O_RDONLY).Fails(ENOENT);
            openat(d, "x", O_WRONLY | O_CREAT, 0644).Fails(ENOENT);
        } },
        { "creat makes and empties", () =>
        {
            File("f", "text");
            Write(creat("f", 0644).Ok(), "new");
            Content("f").Is("new");
        } },
        { "making a file sets mtime and ctime of its directory; opening one does not", () =>
        {
            Directory("d");
            Sets("d", Times.Modify | Times.Change, () => open("d/f", O_WRONLY | O_CREAT, 0644).Ok());
            Sets("d", Times.None, () => open("d/f", O_WRONLY | O_CREAT, 0644).Ok());
        } },
    };

    public static readonly Group DirectIo = new("open O_DIRECT")
    {
        { "reads what was written through the cache, and the cache reads what it wrote", () =>
        {
            File("f", Long(8192, 'a'));
            int direct = open("f", O_RDWR | O_DIRECT).Ok();
            using AlignedMemory memory = new(8192);
            pread_into(direct, memory.Address, 8192, 0).Is(8192);
            Text(memory.Bytes).Is(Long(8192, 'a'));
            memory.Bytes[..4096].Fill((byte)'b');
            pwrite_from(direct, memory.Address, 4096, 4096).Is(4096);
            Content("f").Is(Long(4096, 'a') + Long(4096, 'b'));
        } },
        { "a read at the end is short, behind it empty", () =>
        {
            File("f", Long(5000, 'a'));
            int direct = open("f", O_RDONLY | O_DIRECT).Ok();
            using AlignedMemory memory = new(8192);
            pread_into(direct, memory.Address, 8192, 0).Is(5000);
            pread_into(direct, memory.Address, 4096, 8192).Is(0);
        } },
        { "writes extend the file", () =>
        {
            int direct = open("f", O_RDWR | O_CREAT | O_DIRECT, 0644).Ok();
            using AlignedMemory memory = new(4096);
            pwrite_from(direct, memory.Address, 4096, 1 << 20).Is(4096);
            Stat("f").Size.Is((1 << 20) + 4096);
            ReadAt(open("f", O_RDONLY).Ok(), 10, 0).Is("\0\0\0\0\0\0\0\0\0\0");
        } },
        { "clears set-id bits when an ordinary user writes", () =>
        {
            File("f", "text", 06777, Alice);
            As(Bob, () =>
            {
                using AlignedMemory memory = new(4096);
                pwrite_from(open("f", O_WRONLY | O_DIRECT).Ok(), memory.Address, 4096, 0).Is(4096);
            });
            Stat("f").Mode.Is(0777);
        } },
        { "writes from, and reads into, a mapping of the same file", () =>
        {
            File("f", Long(8 * 4096, 'a'));
            int fd = open("f", O_RDWR | O_DIRECT).Ok();
            using Mapping mapping = new(fd, 8 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED);
            mapping.Bytes[..4096].Fill((byte)'b');
            pwrite_from(fd, mapping.Address, 4096, 4 * 4096).Is(4096);
            pread_into(fd, mapping.Address + 4096, 4096, 4 * 4096).Is(4096);
            pwrite_from(fd, mapping.Address, 4096, 0).Is(4096);
            Content("f").Is(Long(2 * 4096, 'b') + Long(2 * 4096, 'a') + Long(4096, 'b') + Long(3 * 4096, 'a'));
        } },
        { "fcntl(F_SETFL) turns O_DIRECT on and off", () =>
        {
            File("f", Long(4096, 'a'));
            int fd = open("f", O_RDWR).Ok();
            using AlignedMemory memory = new(4096);
            fcntl(fd, F_SETFL, O_DIRECT).Ok();
            pread_into(fd, memory.Address, 4096, 0).Is(4096);
            fcntl(fd, F_SETFL, 0).Ok();
            WriteAt(fd, "bb", 1);
            Content("f")[..4].Is("abba");
        } },
    };
}
