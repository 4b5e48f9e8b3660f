namespace Vault.Posix.Cases;

/// <summary>fallocate(2), and lseek(2) to holes and data.</summary>
internal static class FallocateCases
{
    /// <summary>A multiple of every chunk size, so that holes need not be rounded.</summary>
    private const int Unit = 128 * 1024;

    public static readonly Group Fallocate = new("fallocate")
    {
        { "mode 0 extends the file by zeros", () =>
        {
            File("f", "text");
            int fd = open("f", O_RDWR).Ok();
            fallocate(fd, 0, 0, 1 << 20).Ok();
            Stat("f").Size.Is(1 << 20);
            ReadAt(fd, 6, 0).Is("text\0\0");
        } },
        { "mode 0 within the file keeps what is there", () =>
        {
            File("f", "text");
            fallocate(open("f", O_RDWR).Ok(), 0, 1, 2).Ok();
            Content("f").Is("text");
        } },
        { "KEEP_SIZE keeps the size; what is written there later is there", () =>
        {
            File("f", "text");
            int fd = open("f", O_RDWR).Ok();
            fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 1 << 20).Ok();
            Stat("f").Size.Is(4);
            WriteAt(fd, "more", 100_000);
            ReadAt(fd, 4, 100_000).Is("more");
        } },
        { "PUNCH_HOLE makes zeros and gives space back", () =>
        {
            File("f", Long(8 * Unit, 'a'));
            int fd = open("f", O_RDWR).Ok();
            fsync(fd).Ok();
            close(fd).Ok();
            fd = open("f", O_RDWR).Ok();
            long before = Stat("f").Blocks;
            fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 2 * Unit, 4 * Unit).Ok();
            Stat("f").Size.Is(8 * Unit);
            Stat("f").Blocks.Is(before - (4 * Unit / 512));
            ReadAt(fd, 2, (2 * Unit) - 1).Is("a\0");
            ReadAt(fd, 2, (6 * Unit) - 1).Is("\0a");
        } },
        { "PUNCH_HOLE at odd places zeros exactly that", () =>
        {
            File("f", Long(3 * Unit, 'a'));
            fallocate(open("f", O_RDWR).Ok(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 5, Unit + 100).Ok();
            Content("f").Is(Long(5, 'a') + Long(Unit + 100, '\0') + Long((2 * Unit) - 105, 'a'));
        } },
        { "PUNCH_HOLE of what the kernel has cached and not yet written", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            Write(fd, Long(2 * Unit, 'a'));
            fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, Unit).Ok();
            Content("f").Is(Long(Unit, '\0') + Long(Unit, 'a'));
        } },
        { "PUNCH_HOLE behind the end changes nothing", () =>
        {
            File("f", "text");
            fallocate(open("f", O_RDWR).Ok(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 1 << 20, 1 << 20).Ok();
            Content("f").Is("text");
        } },
        { "PUNCH_HOLE over the end keeps the size", () =>
        {
            File("f", "abcdef");
            fallocate(open("f", O_RDWR).Ok(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 3, 1 << 20).Ok();
            Content("f").Is("abc\0\0\0");
        } },
        { "ZERO_RANGE zeros, and extends unless KEEP_SIZE", () =>
        {
            File("f", "abcdef");
            int fd = open("f", O_RDWR).Ok();
            fallocate(fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, 4, 10).Ok();
            Content("f").Is("abcd\0\0");
            fallocate(fd, FALLOC_FL_ZERO_RANGE, 2, 8).Ok();
            Content("f").Is("ab\0\0\0\0\0\0\0\0");
        } },
        { "a mapping sees the hole", () =>
        {
            File("f", Long(Unit, 'a'));
            int fd = open("f", O_RDWR).Ok();
            using Mapping map = new(fd, Unit, PROT_READ, MAP_SHARED);
            Text(map.Bytes[..1]).Is("a");
            fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, Unit).Ok();
            Text(map.Bytes[..1]).Is("\0");
        } },
        { "sets mtime and ctime", () =>
        {
            File("f", Long(8192));
            int fd = open("f", O_RDWR).Ok();
            Sets("f", Times.Modify | Times.Change, () => fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096).Ok());
            Sets("f", Times.Modify | Times.Change, () => fallocate(fd, 0, 8192, 4096).Ok());
        } },
        { "clears set-id bits for an ordinary user", () =>
        {
            File("f", "text", 06777, Alice);
            As(Bob, () => fallocate(open("f", O_RDWR).Ok(), 0, 0, 100).Ok());
            Stat("f").Mode.Is(0777);
        } },
        { "EBADF: opened to read; EINVAL: a negative offset, no length, PUNCH_HOLE without KEEP_SIZE", () =>
        {
            File("f", "text");
            int fd = open("f", O_RDWR).Ok();
            fallocate(open("f", O_RDONLY).Ok(), 0, 0, 1).Fails(EBADF);
            fallocate(fd, 0, -1, 1).Fails(EINVAL);
            fallocate(fd, 0, 0, 0).Fails(EINVAL);
            fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 1).Fails(EOPNOTSUPP);
        } },
        { "EFBIG: beyond the largest file", () =>
        {
            File("f");
            fallocate(open("f", O_RDWR).Ok(), 0, long.MaxValue - 10, 10).Fails(EFBIG);
            Stat("f").Size.Is(0);
        } },
        { "ESPIPE: a fifo; ENODEV: a directory is refused", () =>
        {
            mkfifo("p", 0644).Ok();
            fallocate(open("p", O_RDWR | O_NONBLOCK).Ok(), 0, 0, 1).Fails(ESPIPE);
            fallocate(open(".", O_RDONLY).Ok(), 0, 0, 1).Fails(EBADF);
        } },
    };

    public static readonly Group Seek = new("lseek SEEK_DATA and SEEK_HOLE")
    {
        { "the end is a hole", () =>
        {
            File("f", Long(1000, 'a'));
            int fd = open("f", O_RDONLY).Ok();
            lseek(fd, 0, SEEK_HOLE).Is(1000);
            lseek(fd, 999, SEEK_HOLE).Is(1000);
            lseek(fd, 0, SEEK_DATA).Is(0);
        } },
        { "an empty file has neither: ENXIO", () =>
        {
            File("f");
            int fd = open("f", O_RDONLY).Ok();
            lseek(fd, 0, SEEK_DATA).Fails(ENXIO);
            lseek(fd, 0, SEEK_HOLE).Fails(ENXIO);
        } },
    };

    public static readonly Group SeekHoles = new("lseek to holes", needsHoles: true)
    {
        { "find the data between holes", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            WriteAt(fd, Long(Unit, 'a'), 2 * Unit);
            ftruncate(fd, 8 * Unit).Ok();
            lseek(fd, 0, SEEK_DATA).Is(2 * Unit);
            lseek(fd, 0, SEEK_HOLE).Is(0);
            lseek(fd, 2 * Unit, SEEK_HOLE).Is(3 * Unit);
            lseek(fd, (2 * Unit) + 5, SEEK_DATA).Is((2 * Unit) + 5);
        } },
        { "ENXIO: no data from here on; at and behind the end", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            WriteAt(fd, Long(Unit, 'a'), 0);
            ftruncate(fd, 4 * Unit).Ok();
            lseek(fd, Unit, SEEK_DATA).Fails(ENXIO);
            lseek(fd, 4 * Unit, SEEK_DATA).Fails(ENXIO);
            lseek(fd, 4 * Unit, SEEK_HOLE).Fails(ENXIO);
            lseek(fd, -1, SEEK_HOLE).Fails(ENXIO);
        } },
        { "a punched hole is found", () =>
        {
            File("f", Long(4 * Unit, 'a'));
            int fd = open("f", O_RDWR).Ok();
            fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, Unit, Unit).Ok();
            lseek(fd, 0, SEEK_HOLE).Is(Unit);
            lseek(fd, Unit, SEEK_DATA).Is(2 * Unit);
        } },
        { "data that only the kernel has yet is data", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            ftruncate(fd, 4 * Unit).Ok();
            WriteAt(fd, "x", Unit);
            lseek(fd, 0, SEEK_DATA).Is(Unit);
        } },
        { "moves the position", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            WriteAt(fd, Long(Unit, 'a'), Unit);
            lseek(fd, 0, SEEK_DATA).Is(Unit);
            lseek(fd, 0, SEEK_CUR).Is(Unit);
        } },
    };
}
