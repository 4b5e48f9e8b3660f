namespace Vault.Posix.Cases;

/// <summary>The flags of chattr(1).</summary>
internal static class InodeFlagCases
{
    public static readonly Group Flags = new("inode flags")
    {
        { "none at first; what is set is told", () =>
        {
            File("f");
            (Get("f") & (FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NOATIME_FL)).Is(0u);
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
        { "immutable: a descriptor that was open before", () =>
        {
            File("f", "text");
            int fd = open("f", O_RDWR).Ok();
            With("f", FS_IMMUTABLE_FL, () =>
            {
                write(fd, "x"u8, 1).Fails(EPERM);
                ftruncate(fd, 0).Fails(EPERM);
            });
            Content("f").Is("text");
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
        { "setting them sets ctime of a directory", () =>
        {
            Directory("d");
            Sets("d", Times.Change, () => Set("d", FS_NOATIME_FL).Ok());
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
    private static uint Kept(string path) => Get(path) & ~(FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NOATIME_FL);

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
