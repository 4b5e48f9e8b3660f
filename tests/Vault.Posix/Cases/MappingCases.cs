namespace Vault.Posix.Cases;

/// <summary>mmap(2): shared and private, coherent with read(2) and write(2).</summary>
internal static class MappingCases
{
    private const int Page = 4096;

    public static readonly Group Mmap = new("mmap")
    {
        { "a shared mapping shows what is written, and read sees what it changes", () =>
        {
            File("f", Long(Page, 'a'));
            int fd = open("f", O_RDWR).Ok();
            using Mapping map = new(fd, Page, PROT_READ | PROT_WRITE, MAP_SHARED);
            Text(map.Bytes[..2]).Is("aa");
            WriteAt(fd, "b", 0);
            Text(map.Bytes[..2]).Is("ba");
            map.Bytes[1] = (byte)'c';
            ReadAt(fd, 3, 0).Is("bca");
        } },
        { "what a shared mapping changed is there after msync, fsync and munmap", () =>
        {
            File("f", Long(2 * Page, 'a'));
            int fd = open("f", O_RDWR).Ok();
            using (Mapping map = new(fd, 2 * Page, PROT_READ | PROT_WRITE, MAP_SHARED))
            {
                map.Bytes.Fill((byte)'m');
                msync(map.Address, 2 * Page, MS_SYNC).Ok();
                map.Bytes[Page] = (byte)'n';
            }

            fsync(fd).Ok();
            close(fd).Ok();
            Content("f").Is(Long(Page, 'm') + "n" + Long(Page - 1, 'm'));
        } },
        { "a private mapping changes nothing of the file", () =>
        {
            File("f", Long(Page, 'a'));
            using Mapping map = new(open("f", O_RDONLY).Ok(), Page, PROT_READ | PROT_WRITE, MAP_PRIVATE);
            map.Bytes[0] = (byte)'p';
            Text(map.Bytes[..2]).Is("pa");
            Content("f").Is(Long(Page, 'a'));
        } },
        { "behind the end the last page is zeros, which are not written", () =>
        {
            File("f", "text");
            int fd = open("f", O_RDWR).Ok();
            using Mapping map = new(fd, Page, PROT_READ | PROT_WRITE, MAP_SHARED);
            Text(map.Bytes[..6]).Is("text\0\0");
            map.Bytes[5] = (byte)'x';
            msync(map.Address, Page, MS_SYNC).Ok();
            Stat("f").Size.Is(4);
            ftruncate(fd, 10).Ok();
            ReadAt(fd, 10, 0).Is("text\0\0\0\0\0\0");
        } },
        { "pages behind the end are no memory", () =>
        {
            File("f", "text");
            using Mapping map = new(open("f", O_RDWR).Ok(), 2 * Page, PROT_READ, MAP_SHARED);
            write_from(open("g", O_WRONLY | O_CREAT, 0644).Ok(), map.Address + Page, 1).Fails(EFAULT);
        } },
        { "a file that is cut takes the pages of its mapping", () =>
        {
            File("f", Long(3 * Page, 'a'));
            int fd = open("f", O_RDWR).Ok();
            using Mapping map = new(fd, 3 * Page, PROT_READ | PROT_WRITE, MAP_SHARED);
            map.Bytes[2 * Page] = (byte)'x';
            ftruncate(fd, Page + 10).Ok();
            int sink = open("g", O_WRONLY | O_CREAT, 0644).Ok();
            write_from(sink, map.Address + (2 * Page), 1).Fails(EFAULT);
            Text(map.Bytes.Slice(Page + 9, 2)).Is("a\0");
            ftruncate(fd, 3 * Page).Ok();
            map.Bytes[2 * Page].Is((byte)0);
        } },
        { "two mappings of one file are one memory", () =>
        {
            File("f", Long(Page, 'a'));
            using Mapping first = new(open("f", O_RDWR).Ok(), Page, PROT_READ | PROT_WRITE, MAP_SHARED);
            using Mapping second = new(open("f", O_RDONLY).Ok(), Page, PROT_READ, MAP_SHARED);
            first.Bytes[7] = (byte)'z';
            second.Bytes[7].Is((byte)'z');
        } },
        { "stays when the descriptor is closed and the name removed", () =>
        {
            File("f", Long(Page, 'a'));
            int fd = open("f", O_RDWR).Ok();
            using Mapping map = new(fd, Page, PROT_READ | PROT_WRITE, MAP_SHARED);
            close(fd).Ok();
            unlink("f").Ok();
            map.Bytes[0] = (byte)'b';
            Text(map.Bytes[..2]).Is("ba");
        } },
        { "a hole is mapped as zeros and filled by a write to memory", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            ftruncate(fd, 100 * Page).Ok();
            using (Mapping map = new(fd, 100 * Page, PROT_READ | PROT_WRITE, MAP_SHARED))
            {
                map.Bytes[50 * Page].Is((byte)0);
                map.Bytes[50 * Page] = (byte)'h';
            }

            ReadAt(fd, 2, 50 * Page).Is("h\0");
        } },
        { "a write through a shared mapping sets mtime and ctime", () =>
        {
            File("f", Long(Page, 'a'));
            int fd = open("f", O_RDWR).Ok();
            using Mapping map = new(fd, Page, PROT_READ | PROT_WRITE, MAP_SHARED);
            Sets("f", Times.Modify | Times.Change, () =>
            {
                map.Bytes[0] = (byte)'b';
                msync(map.Address, Page, MS_SYNC).Ok();
            });
        } },
        { "an offset into the file", () =>
        {
            File("f", Long(Page, 'a') + Long(Page, 'b'));
            using Mapping map = new(open("f", O_RDONLY).Ok(), Page, PROT_READ, MAP_SHARED, Page);
            Text(map.Bytes[..1]).Is("b");
        } },
        { "EACCES: shared and writable of a file opened to read, or any of one opened to write alone", () =>
        {
            File("f", "text");
            mmap(0, Page, PROT_READ | PROT_WRITE, MAP_SHARED, open("f", O_RDONLY).Ok(), 0).Fails(EACCES);
            mmap(0, Page, PROT_READ, MAP_PRIVATE, open("f", O_WRONLY).Ok(), 0).Fails(EACCES);
        } },
        { "EINVAL: an offset within a page, no length; ENODEV: a directory", () =>
        {
            File("f", "text");
            int fd = open("f", O_RDONLY).Ok();
            mmap(0, Page, PROT_READ, MAP_SHARED, fd, 1).Fails(EINVAL);
            mmap(0, 0, PROT_READ, MAP_SHARED, fd, 0).Fails(EINVAL);
            mmap(0, Page, PROT_READ, MAP_SHARED, open(".", O_RDONLY).Ok(), 0).Fails(ENODEV);
        } },
        { "data read from a file by write(2) out of its own mapping", () =>
        {
            File("f", Long(Page, 'a') + Long(Page, 'b'));
            int fd = open("f", O_RDWR).Ok();
            using Mapping map = new(fd, 2 * Page, PROT_READ, MAP_SHARED);
            pwrite_from(fd, map.Address + Page, Page, 0).Is(Page);
            Content("f").Is(Long(2 * Page, 'b'));
        } },
    };
}
