namespace Vault.Posix.Cases;

/// <summary>Allocation, holes, and where they are.</summary>
internal static class RangeCases
{
    private const int PunchHole = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

    public static readonly Group Fallocate = new("fallocate")
    {
        { "mode 0 extends the file with zeros", () =>
        {
            File("f", "text");
            fallocate(open("f", O_RDWR).Ok(), 0, 2, 8).Ok();
            Content("f").Is("text\0\0\0\0\0\0");
        } },
        { "mode 0 within the file changes no byte", () =>
        {
            File("f", "text");
            fallocate(open("f", O_RDWR).Ok(), 0, 0, 2).Ok();
            Content("f").Is("text");
        } },
        { "KEEP_SIZE keeps the size", () =>
        {
            File("f", "text");
            fallocate(open("f", O_RDWR).Ok(), FALLOC_FL_KEEP_SIZE, 0, 100_000).Ok();
            Content("f").Is("text");
        } },
        { "PUNCH_HOLE makes zeros, and keeps the size beyond the end", () =>
        {
            File("f", Long(100_000));
            int fd = open("f", O_RDWR).Ok();
            fallocate(fd, PunchHole, 100, 50_000).Ok();
            fallocate(fd, PunchHole, 99_990, 50_000).Ok();
            Content("f").Is(Long(100) + Long(50_000, '\0') + Long(49_890) + Long(10, '\0'));
        } },
        { "PUNCH_HOLE makes zeros of what was just written, and of a mapping", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            Write(fd, Long(100_000));
            using Mapping mapping = new(fd, 100_000, PROT_READ | PROT_WRITE, MAP_SHARED);
            mapping.Bytes[5] = (byte)'m';
            fallocate(fd, PunchHole, 0, 90_000).Ok();
            mapping.Bytes[..90_000].ContainsAnyExcept((byte)0).Is(false);
            mapping.Bytes[90_000].Is((byte)'n');
            ReadAt(fd, 200_000, 0).Is(Long(90_000, '\0') + Long(10_000));
        } },
        { "PUNCH_HOLE of all of a file gives its blocks back", () =>
        {
            File("f", Long(1 << 20));
            int fd = open("f", O_RDWR).Ok();
            fsync(fd).Ok();
            True(Stat(fd).Blocks >= (1 << 20) / 512);
            fallocate(fd, PunchHole, 0, 1 << 20).Ok();
            fsync(fd).Ok();
            (Stat(fd).Size, Stat(fd).Blocks).Is((1 << 20, 0));
        } },
        { "what is written into a hole is there, and the rest of the hole is zeros", () =>
        {
            File("f", Long(200_000));
            int fd = open("f", O_RDWR).Ok();
            fallocate(fd, PunchHole, 0, 200_000).Ok();
            WriteAt(fd, "text", 100_000);
            Content("f").Is(Long(100_000, '\0') + "text" + Long(99_996, '\0'));
        } },
        { "ZERO_RANGE makes zeros and extends, unless KEEP_SIZE", () =>
        {
            File("f", Long(50_000));
            int fd = open("f", O_RDWR).Ok();
            fallocate(fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 40_000, 20_000).Ok();
            Content("f").Is(Long(40_000) + Long(10_000, '\0'));
            fallocate(fd, FALLOC_FL_ZERO_RANGE, 1, 60_000).Ok();
            Content("f").Is(Long(1) + Long(60_000, '\0'));
        } },
        { "a file that was extended reads zeros where data was cut off before", () =>
        {
            File("f", Long(100_000));
            int fd = open("f", O_RDWR).Ok();
            ftruncate(fd, 1).Ok();
            fallocate(fd, 0, 0, 100_000).Ok();
            Content("f").Is(Long(1) + Long(99_999, '\0'));
        } },
        { "EINVAL: no length, or a negative offset or length", () =>
        {
            File("f");
            int fd = open("f", O_RDWR).Ok();
            fallocate(fd, 0, 0, 0).Fails(EINVAL);
            fallocate(fd, 0, 0, -1).Fails(EINVAL);
            fallocate(fd, 0, -1, 1).Fails(EINVAL);
        } },
        { "EFBIG: beyond the largest file", () =>
        {
            File("f");
            int fd = open("f", O_RDWR).Ok();
            fallocate(fd, 0, long.MaxValue, 1).Fails(EFBIG);
            fallocate(fd, FALLOC_FL_ZERO_RANGE, 1L << 62, 4096).Fails(EFBIG);
            Stat("f").Size.Is(0);
        } },
        { "EFBIG: beyond the limit of the process", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            _ = signal(SIGXFSZ, SIG_IGN);
            setrlimit(RLIMIT_FSIZE, [100_000, ulong.MaxValue]).Ok();
            try
            {
                fallocate(fd, 0, 0, 100_001).Fails(EFBIG);
                fallocate(fd, 0, 0, 100_000).Ok();
            }
            finally
            {
                setrlimit(RLIMIT_FSIZE, [ulong.MaxValue, ulong.MaxValue]).Ok();
            }
        } },
        { "EOPNOTSUPP: PUNCH_HOLE without KEEP_SIZE, and flags that do not exist", () =>
        {
            File("f", "text");
            int fd = open("f", O_RDWR).Ok();
            fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 1).Fails(EOPNOTSUPP);
            fallocate(fd, 0x4000, 0, 1).Fails(EOPNOTSUPP);
            Content("f").Is("text");
        } },
        { "EBADF: not open for writing", () =>
        {
            File("f");
            Directory("d");
            fallocate(open("f", O_RDONLY).Ok(), 0, 0, 1).Fails(EBADF);
            fallocate(open("d", O_RDONLY).Ok(), 0, 0, 1).Fails(EBADF);
            fallocate(-1, 0, 0, 1).Fails(EBADF);
        } },
        { "ESPIPE: a fifo", () =>
        {
            mkfifo("f", 0644).Ok();
            fallocate(open("f", O_RDWR).Ok(), 0, 0, 1).Fails(ESPIPE);
        } },
        { "sets mtime and ctime", () =>
        {
            File("f", Long(100_000));
            int fd = open("f", O_RDWR).Ok();
            foreach (int mode in (int[])[0, PunchHole, FALLOC_FL_ZERO_RANGE])
            {
                Sets("f", Times.Modify | Times.Change, () => fallocate(fd, mode, 0, 150_000).Ok());
            }
        } },
        { "clears set-id bits for an ordinary user", () =>
        {
            File("f", "text", 06777, Alice);
            As(Bob, () => fallocate(open("f", O_RDWR).Ok(), PunchHole, 0, 2).Ok());
            Stat("f").Mode.Is(0777);
        } },
        { "posix preallocation, then writes to all of it in any order", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            fallocate(fd, 0, 0, 300_000).Ok();
            WriteAt(fd, Long(100_000, 'c'), 200_000);
            WriteAt(fd, Long(100_000, 'a'), 0);
            WriteAt(fd, Long(100_000, 'b'), 100_000);
            Content("f").Is(Long(100_000, 'a') + Long(100_000, 'b') + Long(100_000, 'c'));
        } },
    };

    public static readonly Group Holes = new("lseek to data and holes")
    {
        { "the end of a file is a hole, and nothing is behind it", () =>
        {
            File("f", Long(10_000));
            int fd = open("f", O_RDONLY).Ok();
            lseek(fd, 0, SEEK_DATA).Is(0);
            lseek(fd, 5000, SEEK_DATA).Is(5000);
            lseek(fd, 0, SEEK_HOLE).Is(10_000);
            lseek(fd, 9999, SEEK_HOLE).Is(10_000);
            lseek(fd, 10_000, SEEK_DATA).Fails(ENXIO);
            lseek(fd, 10_000, SEEK_HOLE).Fails(ENXIO);
            lseek(fd, 1 << 20, SEEK_DATA).Fails(ENXIO);
        } },
        { "ENXIO: an empty file has neither", () =>
        {
            File("f");
            int fd = open("f", O_RDONLY).Ok();
            lseek(fd, 0, SEEK_DATA).Fails(ENXIO);
            lseek(fd, 0, SEEK_HOLE).Fails(ENXIO);
        } },
        { "data that was just written is no hole", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            ftruncate(fd, 8 << 20).Ok();
            WriteAt(fd, Long(4096), 4 << 20);
            long data = lseek(fd, 0, SEEK_DATA).Ok();
            True(data <= 4 << 20);
            lseek(fd, 4 << 20, SEEK_DATA).Is(4 << 20);
            True(lseek(fd, 4 << 20, SEEK_HOLE).Ok() >= (4 << 20) + 4096);
        } },
        { "all data is found by going from data to hole to data", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            byte[] expected = new byte[2 << 20];
            foreach (int offset in (int[])[0, 300_000, 1_000_000, 1_999_000])
            {
                WriteAt(fd, Long(5000), offset);
                expected.AsSpan(offset, 5000).Fill((byte)'n');
            }

            ftruncate(fd, expected.Length).Ok();
            byte[] found = new byte[expected.Length];
            Outcome data = lseek(fd, 0, SEEK_DATA);
            while (data.Error == None)
            {
                int hole = lseek(fd, data.Value, SEEK_HOLE).Ok();
                pread(fd, found.AsSpan((int)data.Value..hole), (nuint)(hole - data.Value), data.Value).Is(hole - data.Value);
                data = lseek(fd, hole, SEEK_DATA);
            }

            data.Fails(ENXIO);
            found.SequenceEqual(expected).Is(true);
        } },
    };
}
