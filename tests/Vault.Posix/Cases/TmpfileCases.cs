namespace Vault.Posix.Cases;

/// <summary>open(2) with O_TMPFILE, and what makes a name for it later.</summary>
internal static class TmpfileCases
{
    public static readonly Group Tmpfile = new("open O_TMPFILE")
    {
        { "a file without a name: read, written, no links, not listed", () =>
        {
            int fd = open(".", O_RDWR | O_TMPFILE, 0640).Ok();
            Write(fd, "text");
            ReadAt(fd, 10, 0).Is("text");
            (Stat(fd).Links, Stat(fd).Mode, Stat(fd).Type).Is((0, (Mode)0640, FileType.Regular));
            Names(".").Are();
        } },
        { "linkat gives it a name, once and again", () =>
        {
            int fd = open(".", O_RDWR | O_TMPFILE, 0640).Ok();
            Write(fd, "text");
            linkat(fd, "", AT_FDCWD, "f", AT_EMPTY_PATH).Ok();
            Content("f").Is("text");
            (Stat("f").Links, Stat("f").Inode).Is((1, Stat(fd).Inode));
            link("f", "g").Ok();
            Stat("f").Links.Is(2);
        } },
        { "linkat through /proc/self/fd", () =>
        {
            int fd = open(".", O_RDWR | O_TMPFILE, 0600).Ok();
            linkat(AT_FDCWD, $"/proc/self/fd/{fd}", AT_FDCWD, "f", AT_SYMLINK_FOLLOW).Ok();
            Names(".").Are("f");
        } },
        { "ENOENT: O_EXCL forbids a name for ever", () =>
        {
            int fd = open(".", O_RDWR | O_TMPFILE | O_EXCL, 0600).Ok();
            linkat(fd, "", AT_FDCWD, "f", AT_EMPTY_PATH).Fails(ENOENT);
        } },
        { "belongs to who makes it; the umask counts; setgid directories give their group", () =>
        {
            Directory("d", 02777, Alice);
            WithUmask(0027, () => As(Bob, () =>
            {
                int fd = open("d", O_RDWR | O_TMPFILE, 0666).Ok();
                (Stat(fd).Uid, Stat(fd).Gid, Stat(fd).Mode).Is((Bob.Uid, Alice.Gid, (Mode)0640));
            }));
        } },
        { "EACCES: the directory may not be written; EINVAL: to read alone; ENOTDIR: not a directory", () =>
        {
            Directory("d");
            File("f");
            As(Bob, () => open("d", O_RDWR | O_TMPFILE, 0600).Fails(EACCES));
            open(".", O_RDONLY | O_TMPFILE, 0600).Fails(EINVAL);
            open("f", O_RDWR | O_TMPFILE, 0600).Fails(ENOTDIR);
        } },
        { "leaves the directory's times", () =>
        {
            Directory("d");
            Sets("d", Times.None, () => Write(open("d", O_WRONLY | O_TMPFILE, 0600).Ok(), "text"));
        } },
    };

    public static readonly Group Birth = new("statx birth time")
    {
        { "is when the file was made, and stays", () =>
        {
            File("f", "text");
            Time birth = Birthday("f");
            True(!(Stat("f").Change < birth));
            Thread.Sleep(15);
            chmod("f", 0600).Ok();
            Write(open("f", O_WRONLY).Ok(), "x");
            utimensat(AT_FDCWD, "f", [new(1, 1), new(1, 1)], 0).Ok();
            rename("f", "g").Ok();
            Birthday("g").Is(birth);
        } },
        { "of directories, symlinks, fifos and devices too", () =>
        {
            Directory("d");
            Thread.Sleep(15);
            symlink("t", "s").Ok();
            mkfifo("p", 0644).Ok();
            mknod("c", (Mode)0644 | FileType.CharacterDevice, 0x103).Ok();
            foreach (string name in (string[])["s", "p", "c"])
            {
                True(Birthday(name) > Birthday("d"), name);
                True(!(Lstat(name).Change < Birthday(name)), name);
            }
        } },
    };

    private static Time Birthday(string path)
    {
        statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, StatxBuffer.BasicStats | StatxBuffer.BirthTime, out StatxBuffer buffer).Ok();
        return new Stat(buffer).Birth ?? throw new CaseFailedException($"{path} has no birth time");
    }
}
