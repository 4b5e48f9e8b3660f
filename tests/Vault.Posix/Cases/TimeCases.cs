namespace Vault.Posix.Cases;

/// <summary>utimensat(2) and what sets which times.</summary>
internal static class TimeCases
{
    private static readonly Time Old = new(1_000_000_000, 123_456_789);
    private static readonly Time Older = new(900_000_000, 1);

    public static readonly Group Utimensat = new("utimensat")
    {
        { "sets atime and mtime to the nanosecond, and ctime to the present", () =>
        {
            File("f");
            Time before = Stat("f").Change;
            Thread.Sleep(15);
            utimensat(AT_FDCWD, "f", [Old, Older], 0).Ok();
            (Stat("f").Access, Stat("f").Modify).Is((Old, Older));
            True(Stat("f").Change > before);
        } },
        { "OMIT leaves one of them", () =>
        {
            File("f");
            utimensat(AT_FDCWD, "f", [Old, Old], 0).Ok();
            utimensat(AT_FDCWD, "f", [Time.Omit, Older], 0).Ok();
            (Stat("f").Access, Stat("f").Modify).Is((Old, Older));
            utimensat(AT_FDCWD, "f", [Older, Time.Omit], 0).Ok();
            (Stat("f").Access, Stat("f").Modify).Is((Older, Older));
        } },
        { "OMIT for both changes nothing", () =>
        {
            File("f");
            Sets("f", Times.None, () => utimensat(AT_FDCWD, "f", [Time.Omit, Time.Omit], 0).Ok());
        } },
        { "NOW sets the present", () =>
        {
            File("f");
            utimensat(AT_FDCWD, "f", [Old, Old], 0).Ok();
            Sets("f", Times.Access | Times.Modify | Times.Change, () => utimensat(AT_FDCWD, "f", [Time.Now, Time.Now], 0).Ok());
        } },
        { "no times at all set the present", () =>
        {
            File("f");
            utimensat(AT_FDCWD, "f", [Old, Old], 0).Ok();
            Sets("f", Times.Access | Times.Modify | Times.Change, () => utimensat(AT_FDCWD, "f", [], 0).Ok());
        } },
        { "NOW for one and a time for the other", () =>
        {
            File("f");
            utimensat(AT_FDCWD, "f", [Time.Now, Old], 0).Ok();
            Stat("f").Modify.Is(Old);
            True(Stat("f").Access > Old);
        } },
        { "before 1970, and after 2038", () =>
        {
            File("f");
            utimensat(AT_FDCWD, "f", [new(-1_000_000, 999_999_999), new(5_000_000_000, 5)], 0).Ok();
            (Stat("f").Access, Stat("f").Modify).Is((new(-1_000_000, 999_999_999), new(5_000_000_000, 5)));
        } },
        { "of directories, fifos and symlinks themselves", () =>
        {
            Directory("d");
            mkfifo("p", 0644).Ok();
            symlink("nowhere", "s").Ok();
            foreach (string name in (string[])["d", "p", "s"])
            {
                utimensat(AT_FDCWD, name, [Old, Older], AT_SYMLINK_NOFOLLOW).Ok();
                (Lstat(name).Access, Lstat(name).Modify).Is((Old, Older), name);
            }
        } },
        { "of an open file, even one without a name", () =>
        {
            File("f");
            int fd = open("f", O_RDONLY).Ok();
            unlink("f").Ok();
            futimens(fd, [Old, Older]).Ok();
            (Stat(fd).Access, Stat(fd).Modify).Is((Old, Older));
        } },
        { "the times stay after data that was written before reaches the file system", () =>
        {
            int fd = open("f", O_WRONLY | O_CREAT, 0644).Ok();
            Write(fd, Long(100_000));
            futimens(fd, [Old, Older]).Ok();
            fsync(fd).Ok();
            close(fd).Ok();
            (Stat("f").Access, Stat("f").Modify).Is((Old, Older));
        } },
        { "who may write sets the present, only the owner a time: EPERM", () =>
        {
            File("f", "", 0666, Alice);
            As(Bob, () =>
            {
                utimensat(AT_FDCWD, "f", [Time.Now, Time.Now], 0).Ok();
                utimensat(AT_FDCWD, "f", [Old, Old], 0).Fails(EPERM);
                utimensat(AT_FDCWD, "f", [Time.Now, Time.Omit], 0).Fails(EPERM);
                utimensat(AT_FDCWD, "f", [Time.Omit, Time.Now], 0).Fails(EPERM);
                utimensat(AT_FDCWD, "f", [Time.Omit, Time.Omit], 0).Ok();
            });
            As(Alice, () => utimensat(AT_FDCWD, "f", [Old, Old], 0).Ok());
        } },
        { "EACCES: who may not write sets nothing", () =>
        {
            File("f", "", 0644, Alice);
            As(Bob, () => utimensat(AT_FDCWD, "f", [Time.Now, Time.Now], 0).Fails(EACCES));
        } },
        { "the owner sets times of a file that nobody may write", () =>
        {
            File("f", "", 0000, Alice);
            As(Alice, () => utimensat(AT_FDCWD, "f", [Old, Old], 0).Ok());
        } },
        { "EINVAL: nanoseconds out of range", () =>
        {
            File("f");
            utimensat(AT_FDCWD, "f", [new(0, 1_000_000_000), Old], 0).Fails(EINVAL);
            utimensat(AT_FDCWD, "f", [new(0, -1), Old], 0).Fails(EINVAL);
        } },
        { "ENOENT, ENOTDIR, ELOOP, EBADF", () =>
        {
            File("f");
            symlink("loop", "loop").Ok();
            utimensat(AT_FDCWD, "none", [Old, Old], 0).Fails(ENOENT);
            utimensat(AT_FDCWD, "f/x", [Old, Old], 0).Fails(ENOTDIR);
            utimensat(AT_FDCWD, "loop", [Old, Old], 0).Fails(ELOOP);
            futimens(-1, [Old, Old]).Fails(EBADF);
        } },
    };

    public static readonly Group Rules = new("times")
    {
        { "a new file's are its making", () =>
        {
            Directory("d");
            Thread.Sleep(15);
            File("f");
            Stat f = Stat("f");
            True(f.Modify > Stat("d").Modify);
            True(f.Access > Stat("d").Modify);
            True(f.Change > Stat("d").Modify);
        } },
        { "a read that reaches the file system sets atime if it was before mtime (relatime)", () =>
        {
            File("f", "text");
            utimensat(AT_FDCWD, "f", [Older, Old], 0).Ok();
            int fd = open("f", O_RDONLY).Ok();
            fsync(fd).Ok();
            posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED).Is(0);
            Sets("f", Times.Access, () => ReadAt(fd, 10, 0).Is("text"));
        } },
        { "a listing sets atime of a directory", () =>
        {
            Directory("d");
            utimensat(AT_FDCWD, "d", [Older, Old], 0).Ok();
            Sets("d", Times.Access, () => Names("d").Are());
        } },
        { "a read leaves an atime that is recent and after mtime (relatime)", () =>
        {
            File("f", "text");
            utimensat(AT_FDCWD, "f", [Time.Now, Old], 0).Ok();
            Thread.Sleep(15);
            Content("f").Is("text");
            Sets("f", Times.None, () => Content("f").Is("text"));
        } },
        { "O_NOATIME leaves atime", () =>
        {
            File("f", "text");
            utimensat(AT_FDCWD, "f", [Older, Old], 0).Ok();
            Sets("f", Times.None, () => ReadAt(open("f", O_RDONLY | O_NOATIME).Ok(), 4, 0).Is("text"));
        } },
        { "stat, access, open and close set none", () =>
        {
            File("f", "text");
            Sets("f", Times.None, () =>
            {
                Stat("f").Size.Is(4);
                access("f", R_OK).Ok();
                close(open("f", O_RDWR).Ok()).Ok();
            });
        } },
        { "mtime does not go back when written data reach the file system", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            Write(fd, Long(10_000));
            Stat written = Stat(fd);
            Thread.Sleep(15);
            fsync(fd).Ok();
            Stat synced = Stat(fd);
            (synced.Modify, synced.Change).Is((written.Modify, written.Change));
            close(fd).Ok();
            (Stat("f").Modify, Stat("f").Change).Is((written.Modify, written.Change));
        } },
        { "mtime of a file that was written and closed stays", () =>
        {
            File("f", Long(10_000));
            Stat before = Stat("f");
            Thread.Sleep(15);
            Content("f").Length.Is(10_000);
            (Stat("f").Modify, Stat("f").Change).Is((before.Modify, before.Change));
        } },
        { "a later write never has an earlier mtime", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            Time last = default;
            for (int i = 0; i < 50; i++)
            {
                WriteAt(fd, "x", i);
                if (i % 10 == 9)
                {
                    fsync(fd).Ok();
                }

                Time now = Stat(fd).Modify;
                True(!(now < last));
                last = now;
            }
        } },
        { "whatever is done in whatever order, ctime never goes back, mtime moves with data alone, atime not at all", () =>
        {
            File("f", "0123456789");
            int fd = open("f", O_RDWR).Ok();
            Time last = default;
            for (int i = 0; i < 200; i++)
            {
                futimens(fd, [new(1000, 0), new(2000, 0)]).Ok();
                bool isData = i % 10 is 2 or 5;
                ((i % 10) switch
                {
                    0 => fchmod(fd, (Mode)(0600 + (i % 8))),
                    1 => fsetxattr(fd, "user.x", Bytes($"{i}"), 1, 0),
                    2 => pwrite(fd, "x"u8, 1, i),
                    3 => link("f", "second"),
                    4 => unlink("second"),
                    5 => ftruncate(fd, 10 + i),
                    6 => rename("f", "renamed"),
                    7 => rename("renamed", "f"),
                    8 => fchown(fd, i, i),
                    _ => fsync(fd),
                }).Ok($"step {i}");
                Stat now = Stat(fd);
                True(!(now.Change < last), $"step {i}: ctime");
                (now.Access, now.Modify == new Time(2000, 0)).Is((new Time(1000, 0), !isData));
                last = now.Change;
            }
        } },
        { "a failed operation sets none of the directory", () =>
        {
            Directory("d");
            File("d/f");
            Sets("d", Times.None, () =>
            {
                mkdir("d/f", 0755).Fails(EEXIST);
                unlink("d/none").Fails(ENOENT);
                rename("d/none", "d/x").Fails(ENOENT);
                link("d/f", "d/f").Fails(EEXIST);
            });
        } },
        { "setxattr and removexattr set ctime alone", () =>
        {
            File("f");
            Sets("f", Times.Change, () => setxattr("f", "user.a", "1"u8, 1, 0).Ok());
            Sets("f", Times.Change, () => removexattr("f", "user.a").Ok());
        } },
        { "writing a file leaves its directory's", () =>
        {
            Directory("d");
            File("d/f");
            Sets("d", Times.None, () => Write(open("d/f", O_WRONLY).Ok(), "text"));
        } },
    };
}
