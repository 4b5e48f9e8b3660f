namespace Vault.Posix.Cases;

/// <summary>Reading, writing, cutting and copying data.</summary>
internal static class DataCases
{
    private const long LargestOffset = long.MaxValue;

    public static readonly Group Truncate = new("truncate")
    {
        { "cuts; what was cut reads as zeros when the file grows again", () =>
        {
            File("f", "abcdef");
            truncate("f", 3).Ok();
            truncate("f", 6).Ok();
            Content("f").Is("abc\0\0\0");
        } },
        { "cuts at every byte around a page and grows back with zeros", () =>
        {
            foreach (int cut in (int[])[1, 4095, 4096, 4097, 32767, 32768, 32769])
            {
                File($"f{cut}", Long(40_000, 'a'));
                truncate($"f{cut}", cut).Ok();
                truncate($"f{cut}", 40_000).Ok();
                Content($"f{cut}").Is(Long(cut, 'a') + Long(40_000 - cut, '\0'));
            }
        } },
        { "extends by a hole that uses no space", () =>
        {
            File("f");
            truncate("f", 1L << 30).Ok();
            (Stat("f").Size, Stat("f").Blocks).Is((1L << 30, 0));
        } },
        { "gives back blocks", () =>
        {
            File("f", Long(100_000));
            int fd = open("f", O_WRONLY).Ok();
            fsync(fd).Ok();
            long before = Stat("f").Blocks;
            truncate("f", 10_000).Ok();
            True(Stat("f").Blocks < before);
            truncate("f", 0).Ok();
            Stat("f").Blocks.Is(0);
        } },
        { "sets mtime and ctime, even if the size stays", () =>
        {
            File("f", "text");
            Sets("f", Times.Modify | Times.Change, () => truncate("f", 2).Ok());
            int fd = open("f", O_WRONLY).Ok();
            Sets("f", Times.Modify | Times.Change, () => ftruncate(fd, 100).Ok());
            Sets("f", Times.Modify | Times.Change, () => ftruncate(fd, 100).Ok());
        } },
        { "through a symlink", () =>
        {
            File("f", "text");
            symlink("f", "s").Ok();
            truncate("s", 2).Ok();
            Content("f").Is("te");
        } },
        { "ftruncate needs a descriptor that writes, not permission: EINVAL", () =>
        {
            File("f", "text", 0666, Alice);
            As(Alice, () =>
            {
                int reading = open("f", O_RDONLY).Ok();
                int writing = open("f", O_WRONLY).Ok();
                chmod("f", 0000).Ok();
                ftruncate(reading, 0).Fails(EINVAL);
                ftruncate(writing, 0).Ok();
            });
        } },
        { "EACCES: no permission to write", () =>
        {
            File("f", "text", 0644, Alice);
            As(Bob, () => truncate("f", 0).Fails(EACCES));
            Content("f").Is("text");
        } },
        { "EINVAL: a negative size; EISDIR: a directory", () =>
        {
            File("f");
            Directory("d");
            truncate("f", -1).Fails(EINVAL);
            truncate("d", 0).Fails(EISDIR);
        } },
        { "EINVAL: a fifo", () =>
        {
            mkfifo("p", 0644).Ok();
            truncate("p", 0).Fails(EINVAL);
            ftruncate(open("p", O_RDWR | O_NONBLOCK).Ok(), 0).Fails(EINVAL);
        } },
        { "EFBIG: beyond the largest file", () =>
        {
            File("f", "text");
            truncate("f", LargestOffset).Fails(EFBIG);
            Content("f").Is("text");
        } },
        { "ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, EBADF", () =>
        {
            File("f");
            symlink("loop", "loop").Ok();
            truncate("none", 0).Fails(ENOENT);
            truncate("f/x", 0).Fails(ENOTDIR);
            truncate("loop", 0).Fails(ELOOP);
            truncate(Long(NAME_MAX + 1), 0).Fails(ENAMETOOLONG);
            ftruncate(-1, 0).Fails(EBADF);
        } },
    };

    public static readonly Group ReadWrite = new("read and write")
    {
        { "a read stops at the end and is empty behind it", () =>
        {
            File("f", "text");
            int fd = open("f", O_RDONLY).Ok();
            ReadAt(fd, 100, 2).Is("xt");
            ReadAt(fd, 100, 4).Is("");
            ReadAt(fd, 100, 1L << 40).Is("");
        } },
        { "a write behind the end leaves a hole of zeros that uses no space", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            WriteAt(fd, "end", 1L << 30);
            Stat("f").Size.Is((1L << 30) + 3);
            fsync(fd).Ok();
            True(Stat("f").Blocks * 512 < 1 << 20);
            ReadAt(fd, 10, (1L << 30) - 5).Is("\0\0\0\0\0end");
            ReadAt(fd, 4, 1L << 29).Is("\0\0\0\0");
        } },
        { "offsets of a terabyte and more", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            WriteAt(fd, "far", 3L << 40);
            ReadAt(fd, 10, 3L << 40).Is("far");
            Stat("f").Size.Is((3L << 40) + 3);
        } },
        { "each byte of a write at odd places around pages is kept", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            foreach (int at in (int[])[4095, 8190, 32766, 65535])
            {
                WriteAt(fd, "abcd", at);
                ReadAt(fd, 6, at - 1).Is("\0abcd");
            }
        } },
        { "two descriptors see each other's writes at once", () =>
        {
            File("f", "....");
            int first = open("f", O_RDWR).Ok();
            int second = open("f", O_RDWR).Ok();
            WriteAt(first, "ab", 0);
            ReadAt(second, 4, 0).Is("ab..");
            WriteAt(second, "cd", 2);
            ReadAt(first, 4, 0).Is("abcd");
        } },
        { "a duplicate shares the position, a second open does not", () =>
        {
            File("f", "abcdef");
            int fd = open("f", O_RDONLY).Ok();
            int shared = dup(fd).Ok();
            int own = open("f", O_RDONLY).Ok();
            read(fd, new byte[3], 3).Is(3);
            lseek(shared, 0, SEEK_CUR).Is(3);
            lseek(own, 0, SEEK_CUR).Is(0);
        } },
        { "nothing to read or write is no error and changes no time", () =>
        {
            File("f", "text");
            int fd = open("f", O_RDWR).Ok();
            Sets("f", Times.None, () =>
            {
                write(fd, [], 0).Is(0);
                read(fd, [], 0).Is(0);
            });
        } },
        { "a write sets mtime and ctime", () =>
        {
            File("f", "text");
            int fd = open("f", O_WRONLY).Ok();
            Sets("f", Times.Modify | Times.Change, () => WriteAt(fd, "x", 0));
        } },
        { "a write that was not flushed is in the size, and in fstat of other descriptors", () =>
        {
            File("f");
            int other = open("f", O_RDONLY).Ok();
            Write(open("f", O_WRONLY).Ok(), "12345");
            Stat(other).Size.Is(5);
        } },
        { "EINVAL: a negative position", () =>
        {
            File("f");
            int fd = open("f", O_RDWR).Ok();
            pread(fd, new byte[1], 1, -1).Fails(EINVAL);
            pwrite(fd, new byte[1], 1, -1).Fails(EINVAL);
            lseek(fd, -1, SEEK_SET).Fails(EINVAL);
            lseek(fd, 0, 99).Fails(EINVAL);
        } },
        { "EFBIG: a write at the largest offset, told by fsync if the kernel collects writes", () =>
        {
            File("f");
            int fd = open("f", O_WRONLY).Ok();
            Outcome outcome = pwrite(fd, "x"u8, 1, LargestOffset - 1);
            (outcome.Error == None ? fsync(fd) : outcome).Fails(EFBIG);

            // The kernel keeps such an error for the next who asks, too.
            ftruncate(fd, 0).Ok();
            _ = syncfs(fd);
        } },
        { "EFBIG: beyond the limit of the process", () =>
        {
            File("f");
            int fd = open("f", O_WRONLY).Ok();
            _ = signal(SIGXFSZ, SIG_IGN);
            setrlimit(RLIMIT_FSIZE, [100, ulong.MaxValue]).Ok();
            try
            {
                pwrite(fd, Bytes(Long(200)), 200, 0).Is(100);
                pwrite(fd, "x"u8, 1, 100).Fails(EFBIG);
                ftruncate(fd, 101).Fails(EFBIG);
            }
            finally
            {
                setrlimit(RLIMIT_FSIZE, [ulong.MaxValue, ulong.MaxValue]).Ok();
            }
        } },
        { "EFAULT: no memory to read into or to write from", () =>
        {
            File("f", "text");
            int fd = open("f", O_RDWR).Ok();
            pread_into(fd, 1, 4, 0).Fails(EFAULT);
            write_from(fd, 1, 4).Fails(EFAULT);
            Content("f").Is("text");
        } },
        { "preadv2 and pwritev2 scatter and gather, with RWF_APPEND at the end", () =>
        {
            File("f", "abc");
            int fd = open("f", O_RDWR).Ok();
            using AlignedMemory memory = new(16);
            "12345678"u8.CopyTo(memory.Bytes);
            pwritev2(fd, [new(memory.Address, 2), new(memory.Address + 4, 2)], 2, 0, 0x10).Is(4);
            Content("f").Is("abc1256");
            preadv2(fd, [new(memory.Address, 1), new(memory.Address + 8, 3)], 2, 2, 0).Is(4);
            (Text(memory.Bytes[..1]), Text(memory.Bytes[8..11])).Is(("c", "125"));
        } },
        { "one write of 5 MB arrives whole", () =>
        {
            string content = string.Concat(Enumerable.Range(0, 500_000).Select(i => $"{i:D9}\n"));
            File("f", content);
            int fd = open("f", O_RDONLY).Ok();
            (ReadAt(fd, 6_000_000, 0) == content).Is(true);
        } },
        { "SEEK_END and SEEK_CUR count from there", () =>
        {
            File("f", "abcdef");
            int fd = open("f", O_RDONLY).Ok();
            lseek(fd, -2, SEEK_END).Is(4);
            lseek(fd, 10, SEEK_CUR).Is(14);
            lseek(fd, -15, SEEK_CUR).Fails(EINVAL);
            lseek(fd, 0, SEEK_CUR).Is(14);
        } },
        { "fsync and fdatasync of files and directories, however they are open", () =>
        {
            File("f", "text");
            Directory("d");
            fsync(open("f", O_RDONLY).Ok()).Ok();
            fdatasync(open("f", O_RDWR).Ok()).Ok();
            fsync(open("d", O_RDONLY).Ok()).Ok();
            fdatasync(open("d", O_RDONLY).Ok()).Ok();
            syncfs(open("d", O_RDONLY).Ok()).Ok();
            fsync(-1).Fails(EBADF);
        } },
        { "EBADF: a descriptor that is closed", () =>
        {
            File("f");
            int fd = open("f", O_RDWR).Ok();
            close(fd).Ok();
            close(fd).Fails(EBADF);
            read(fd, new byte[1], 1).Fails(EBADF);
        } },
    };

    public static readonly Group Transfer = new("sendfile and splice")
    {
        { "sendfile from a file to a file and to a pipe", () =>
        {
            File("f", "abcdefgh");
            int from = open("f", O_RDONLY).Ok();
            int to = open("g", O_RDWR | O_CREAT, 0644).Ok();
            long offset = 2;
            sendfile(to, from, ref offset, 4).Is(4);
            offset.Is(6);
            Content("g").Is("cdef");
            int[] pipe = new int[2];
            pipe2(pipe, 0).Ok();
            offset = 6;
            sendfile(pipe[1], from, ref offset, 100).Is(2);
            byte[] buffer = new byte[10];
            read(pipe[0], buffer, 10).Is(2);
            Text(buffer.AsSpan(0, 2)).Is("gh");
            close(pipe[0]).Ok();
            close(pipe[1]).Ok();
        } },
        { "splice from a file into a pipe and from it into a file", () =>
        {
            File("f", "abcdefgh");
            int to = open("g", O_RDWR | O_CREAT, 0644).Ok();
            int[] pipe = new int[2];
            pipe2(pipe, 0).Ok();
            splice(open("f", O_RDONLY).Ok(), 0, pipe[1], 0, 8, 0).Is(8);
            splice(pipe[0], 0, to, 0, 8, 0).Is(8);
            Content("g").Is("abcdefgh");
            close(pipe[0]).Ok();
            close(pipe[1]).Ok();
        } },
    };

    public static readonly Group CopyRange = new("copy_file_range")
    {
        { "copies a range and moves both offsets", () =>
        {
            File("f", "abcdefgh");
            File("g", "........");
            long from = 2;
            long to = 3;
            copy_file_range(open("f", O_RDONLY).Ok(), ref from, open("g", O_WRONLY).Ok(), ref to, 4, 0).Is(4);
            (from, to).Is((6, 7));
            Content("g").Is("...cdef.");
        } },
        { "copies what the source's cache holds, and the target's cache shows it", () =>
        {
            File("g", Long(100_000, 'g'));
            Content("g").Length.Is(100_000);
            int from = open("f", O_RDWR | O_CREAT, 0644).Ok();
            Write(from, Long(100_000, 'f'));
            long fromOffset = 0;
            long toOffset = 0;
            copy_file_range(from, ref fromOffset, open("g", O_WRONLY).Ok(), ref toOffset, 100_000, 0).Is(100_000);
            Content("g").Is(Long(100_000, 'f'));
        } },
        { "the copy and the source change apart", () =>
        {
            string content = Long(300_000, 'o');
            File("f", content);
            File("g");
            long from = 0;
            long to = 0;
            copy_file_range(open("f", O_RDONLY).Ok(), ref from, open("g", O_WRONLY).Ok(), ref to, 300_000, 0).Is(300_000);
            WriteAt(open("f", O_WRONLY).Ok(), "changed", 100_000);
            Content("g").Is(content);
            WriteAt(open("g", O_WRONLY).Ok(), "otherwise", 200_000);
            Content("f").Is(Long(100_000, 'o') + "changed" + Long(200_000 - 7, 'o'));
            unlink("f").Ok();
            Content("g").Is(Long(200_000, 'o') + "otherwise" + Long(100_000 - 9, 'o'));
        } },
        { "stops at the end of the source, and extends the target", () =>
        {
            File("f", "abc");
            File("g");
            long from = 1;
            long to = 10;
            copy_file_range(open("f", O_RDONLY).Ok(), ref from, open("g", O_WRONLY).Ok(), ref to, 100, 0).Is(2);
            Content("g").Is(Long(10, '\0') + "bc");
        } },
        { "nothing behind the end of the source", () =>
        {
            File("f", "abc");
            File("g");
            long from = 3;
            long to = 0;
            copy_file_range(open("f", O_RDONLY).Ok(), ref from, open("g", O_WRONLY).Ok(), ref to, 100, 0).Is(0);
        } },
        { "within one file, ranges apart", () =>
        {
            File("f", "abcdefgh");
            int fd = open("f", O_RDWR).Ok();
            long from = 0;
            long to = 4;
            copy_file_range(fd, ref from, fd, ref to, 4, 0).Is(4);
            Content("f").Is("abcdabcd");
        } },
        { "EINVAL: ranges of one file that overlap, unknown flags", () =>
        {
            File("f", "abcdefgh");
            int fd = open("f", O_RDWR).Ok();
            long from = 0;
            long to = 2;
            copy_file_range(fd, ref from, fd, ref to, 4, 0).Fails(EINVAL);
            to = 4;
            copy_file_range(fd, ref from, fd, ref to, 4, 99).Fails(EINVAL);
        } },
        { "EBADF: not readable, not writable, opened to append", () =>
        {
            File("f", "abc");
            File("g");
            int reading = open("f", O_RDONLY).Ok();
            int writing = open("g", O_WRONLY).Ok();
            int appending = open("g", O_WRONLY | O_APPEND).Ok();
            long from = 0;
            long to = 0;
            copy_file_range(writing, ref from, writing, ref to, 1, 0).Fails(EBADF);
            copy_file_range(reading, ref from, reading, ref to, 1, 0).Fails(EBADF);
            copy_file_range(reading, ref from, appending, ref to, 1, 0).Fails(EBADF);
        } },
        { "EISDIR: a directory", () =>
        {
            File("f", "abc");
            Directory("d");
            long from = 0;
            long to = 0;
            copy_file_range(open("d", O_RDONLY).Ok(), ref from, open("f", O_WRONLY).Ok(), ref to, 1, 0).Fails(EISDIR);
        } },
        { "sets mtime and ctime of the target", () =>
        {
            File("f", "abc");
            File("g", "xyz");
            int reading = open("f", O_RDONLY).Ok();
            int writing = open("g", O_WRONLY).Ok();
            Sets("g", Times.Modify | Times.Change, () =>
            {
                long from = 0;
                long to = 0;
                copy_file_range(reading, ref from, writing, ref to, 3, 0).Is(3);
            });
        } },
        { "clears set-id bits of the target for an ordinary user", () =>
        {
            File("f", "abc", 0644);
            File("g", "", 06777, Alice);
            As(Bob, () =>
            {
                long from = 0;
                long to = 0;
                copy_file_range(open("f", O_RDONLY).Ok(), ref from, open("g", O_WRONLY).Ok(), ref to, 3, 0).Is(3);
            });
            Stat("g").Mode.Is(0777);
        } },
    };

    public static readonly Group Fadvise = new("posix_fadvise")
    {
        { "every advice is taken and changes nothing", () =>
        {
            File("f", Long(100_000));
            int fd = open("f", O_RDONLY).Ok();
            for (int advice = 0; advice <= 5; advice++)
            {
                posix_fadvise(fd, 0, 0, advice).Is(0);
            }

            Content("f").Is(Long(100_000));
        } },
    };
}
