namespace Vault.Posix.Cases;

/// <summary>Holes: how exactly they are made, and how lseek(2) finds them.</summary>
internal static class HoleCases
{
    /// <summary>A multiple of every chunk size, so that holes need not be rounded.</summary>
    private const int Unit = 128 * 1024;

    public static readonly Group Punched = new("punched holes")
    {
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
        { "PUNCH_HOLE behind the end changes nothing", () =>
        {
            File("f", "text");
            fallocate(open("f", O_RDWR).Ok(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 1 << 20, 1 << 20).Ok();
            Content("f").Is("text");
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
