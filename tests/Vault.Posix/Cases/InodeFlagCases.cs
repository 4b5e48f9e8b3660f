namespace Vault.Posix.Cases;

/// <summary>The flags of chattr(1).</summary>
internal static class InodeFlagCases
{
    private const uint Known = FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL | FS_NOATIME_FL;

    public static readonly Group Flags = new("inode flags")
    {
        { "none at first; what is set is told", () =>
        {
            File("f");
            (Get("f") & (Known)).Is(0u);
            With("f", FS_NOATIME_FL, () => (Get("f") & FS_NOATIME_FL).Is(FS_NOATIME_FL));
            (Get("f") & FS_NOATIME_FL).Is(0u);
        } },
        { "immutable: EPERM for every change of the file, root's too", () =>
        {
            File("f", "text");
            With("f", FS_IMMUTABLE_FL, () =>
            {
                open("f", O_WRONLY).Fails(EPERM);
                truncate("f", 0).Fails(EPERM);
                chmod("f", 0600).Fails(EPERM);
                chown("f", 1, 1).Fails(EPERM);
                utimensat(AT_FDCWD, "f", [new(1, 1), new(1, 1)], 0).Fails(EPERM);
                unlink("f").Fails(EPERM);
                rename("f", "g").Fails(EPERM);
                link("f", "g").Fails(EPERM);
                setxattr("f", "user.a", "1"u8, 1, 0).Fails(EPERM);
                Content("f").Is("text");
            });
            unlink("f").Ok();
        } },
        { "immutable: nothing is made, removed or moved in the directory", () =>
        {
            Directory("d");
            File("d/f", "text");
            File("g");
            With("d", FS_IMMUTABLE_FL, () =>
            {
                open("d/new", O_WRONLY | O_CREAT, 0644).Fails(EPERM);
                mkdir("d/new", 0755).Fails(EPERM);
                unlink("d/f").Fails(EPERM);
                rename("d/f", "d/h").Fails(EPERM);
                rename("g", "d/g").Fails(EPERM);
                Write(open("d/f", O_WRONLY).Ok(), "TEXT");
            });
            Content("d/f").Is("TEXT");
        } },
        { "immutable: however it is opened to write, and whatever takes its place", () =>
        {
            File("f", "text");
            File("other");
            setxattr("f", "user.kept", "1"u8, 1, 0).Ok();
            With("f", FS_IMMUTABLE_FL, () =>
            {
                open("f", O_RDWR | O_CREAT, 0644).Fails(EPERM);
                open("f", O_WRONLY | O_APPEND).Fails(EPERM);
                open("f", O_WRONLY | O_TRUNC).Fails(EPERM);
                rename("other", "f").Fails(EPERM);
                renameat2(AT_FDCWD, "other", AT_FDCWD, "f", RENAME_EXCHANGE).Fails(EPERM);
                utimensat(AT_FDCWD, "f", [], 0).Fails(EPERM);
                removexattr("f", "user.kept").Fails(EPERM);
                Acl.SetAccess("f", "u::rwx,g::r-x,o::r-x").Fails(EPERM);
            });
            (Stat("f").Mode, Content("f")).Is(((Mode)0644, "text"));
        } },
        { "append-only: what is there stays, only O_APPEND writes", () =>
        {
            File("f", "one");
            With("f", FS_APPEND_FL, () =>
            {
                open("f", O_WRONLY).Fails(EPERM);
                open("f", O_WRONLY | O_APPEND | O_TRUNC).Fails(EPERM);
                truncate("f", 0).Fails(EPERM);
                unlink("f").Fails(EPERM);
                rename("f", "g").Fails(EPERM);
                chmod("f", 0600).Fails(EPERM);
                Write(open("f", O_WRONLY | O_APPEND).Ok(), "two");
            });
            Content("f").Is("onetwo");
        } },
        { "append-only: who takes O_APPEND back overwrites nothing", () =>
        {
            File("f", "one");
            With("f", FS_APPEND_FL, () =>
            {
                int fd = open("f", O_RDWR | O_APPEND).Ok();
                True(fcntl(fd, F_SETFL, 0).Error == EPERM || pwrite(fd, "X"u8, 1, 0).Error == EPERM);
                utimensat(AT_FDCWD, "f", [], 0).Ok();
            });
            Content("f").Is("one");
        } },
        { "append-only: names are made in the directory, and stay", () =>
        {
            Directory("d");
            With("d", FS_APPEND_FL, () =>
            {
                File("d/f");
                unlink("d/f").Fails(EPERM);
                rename("d/f", "d/g").Fails(EPERM);
            });
            unlink("d/f").Ok();
        } },
        { "nothing of any kind is made in an immutable directory, nor is it moved; what is in it changes", () =>
        {
            Directory("d");
            Directory("d/e");
            File("d/f");
            File("g");
            With("d", FS_IMMUTABLE_FL, () =>
            {
                symlink("t", "d/new").Fails(EPERM);
                mkfifo("d/new", 0644).Fails(EPERM);
                link("g", "d/new").Fails(EPERM);
                open("d", O_RDWR | O_TMPFILE, 0644).Fails(EPERM);
                rmdir("d/e").Fails(EPERM);
                rename("d", "moved").Fails(EPERM);
                chmod("d", 0700).Fails(EPERM);
                Write(open("d/f", O_WRONLY).Ok(), "text");
                File("d/e/new");
            });
            Content("d/f").Is("text");
        } },
        { "noatime: a read leaves atime", () =>
        {
            File("f", "text");
            utimensat(AT_FDCWD, "f", [new(1, 1), new(2, 2)], 0).Ok();
            With("f", FS_NOATIME_FL, () => Sets("f", Times.None, () => Content("f").Is("text")));
        } },
        { "EPERM: an ordinary owner sets immutable or append-only, somebody else sets any", () =>
        {
            File("f", "", 0666, Alice);
            As(Alice, () =>
            {
                Set("f", FS_IMMUTABLE_FL).Fails(EPERM);
                Set("f", FS_APPEND_FL).Fails(EPERM);
                Set("f", FS_NOATIME_FL).Ok();
            });
            As(Bob, () => Set("f", 0).Fails(EPERM));
        } },
        { "EPERM: an ordinary owner takes immutable away, or sets anything beside it", () =>
        {
            File("f", "", 0644, Alice);
            With("f", FS_IMMUTABLE_FL, () => As(Alice, () =>
            {
                Set("f", 0).Fails(EPERM);
                Set("f", FS_IMMUTABLE_FL | FS_NODUMP_FL).Fails(EPERM);
            }));
        } },
        { "what is made in a directory takes nodump and noatime from it, and not append-only", () =>
        {
            Directory("d");
            Set("d", FS_NODUMP_FL | FS_NOATIME_FL).Ok();
            File("d/f");
            Directory("d/e");
            (Get("d/f") & Known, Get("d/e") & Known).Is((FS_NODUMP_FL | FS_NOATIME_FL, FS_NODUMP_FL | FS_NOATIME_FL));
            With("d", FS_APPEND_FL, () =>
            {
                File("d/g");
                (Get("d/g") & FS_APPEND_FL).Is(0u);
            });
        } },
        { "setting them sets ctime of a directory", () =>
        {
            Directory("d");
            Sets("d", Times.Change, () => Set("d", FS_NOATIME_FL).Ok());
        } },
    };

    /// <summary>They hold in the mount, too, in which a vault has the first such file of its life.</summary>
    public static readonly Group OpenFiles = new("inode flags, open files")
    {
        { "immutable: EPERM for every change through a descriptor that was open before; what was written before is kept", () =>
        {
            File("f", "text");
            File("source", "source");
            int fd = open("f", O_RDWR).Ok();
            int source = open("source", O_RDONLY).Ok();
            Write(fd, "TE");
            With("f", FS_IMMUTABLE_FL, () =>
            {
                (long from, long to) = (0, 0);
                write(fd, "x"u8, 1).Fails(EPERM);
                pwrite(fd, "x"u8, 1, 4).Fails(EPERM);
                ftruncate(fd, 0).Fails(EPERM);
                ftruncate(fd, 100).Fails(EPERM);
                fallocate(fd, 0, 0, 4096).Fails(EPERM);
                fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096).Fails(EPERM);
                copy_file_range(source, ref from, fd, ref to, 6, 0).Fails(EPERM);
                fchmod(fd, 0600).Fails(EPERM);
                fchown(fd, 1, 1).Fails(EPERM);
                futimens(fd, [new(1, 0), new(1, 0)]).Fails(EPERM);
                fsetxattr(fd, "user.a", "1"u8, 1, 0).Fails(EPERM);
                fsync(fd).Ok();
            });
            Content("f").Is("TExt");
            Write(fd, "ST");
            Content("f").Is("TEST");
        } },
        { "append-only: a descriptor that was open before appends, and cuts nothing", () =>
        {
            File("f", "one");
            int fd = open("f", O_RDWR | O_APPEND).Ok();
            With("f", FS_APPEND_FL, () =>
            {
                Write(fd, "two");
                ftruncate(fd, 0).Fails(EPERM);
                fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096).Fails(EPERM);
                fchmod(fd, 0600).Fails(EPERM);
                unlink("f").Fails(EPERM);
                truncate("f", 0).Fails(EPERM);
                open("f", O_WRONLY | O_APPEND | O_TRUNC).Fails(EPERM);
            });
            Content("f").Is("onetwo");
        } },
    };

    private static uint Get(string path)
    {
        long flags = 0;
        ioctl(open(path, O_RDONLY).Ok(), FS_IOC_GETFLAGS, ref flags).Ok();
        return unchecked((uint)flags);
    }

    private static Outcome Set(string path, uint flags)
    {
        long current = Kept(path) | flags;
        return ioctl(open(path, O_RDONLY).Ok(), FS_IOC_SETFLAGS, ref current);
    }

    /// <summary>Flags that the file system sets by itself, as ext4's extents, must be handed back.</summary>
    private static uint Kept(string path) => Get(path) & ~(Known);

    /// <summary>Takes the flags off again whatever happens: nobody could remove the file otherwise.</summary>
    private static void With(string path, uint flags, Action action)
    {
        int fd = open(path, O_RDONLY).Ok();
        long kept = Kept(path);
        Set(path, flags).Ok();
        try
        {
            action();
        }
        finally
        {
            ioctl(fd, FS_IOC_SETFLAGS, ref kept).Ok();
        }
    }
}
