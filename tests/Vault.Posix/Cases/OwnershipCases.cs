namespace Vault.Posix.Cases;

/// <summary>chmod(2), chown(2) and access(2).</summary>
internal static class OwnershipCases
{
    public static readonly Group Chmod = new("chmod")
    {
        { "sets all twelve bits of every type, through a symlink too", () =>
        {
            File("f");
            Directory("d");
            mkfifo("p", 0644).Ok();
            symlink("f", "s").Ok();
            chmod("d", 07711).Ok();
            chmod("p", 0600).Ok();
            chmod("s", 04755).Ok();
            (Stat("f").Mode, Stat("d").Mode, Stat("p").Mode).Is(((Mode)04755, (Mode)07711, (Mode)0600));
            Lstat("s").Mode.Is(0777);
        } },
        { "the umask does not matter", () => WithUmask(0077, () =>
        {
            File("f");
            chmod("f", 0666).Ok();
            Stat("f").Mode.Is(0666);
        }) },
        { "sets ctime alone", () =>
        {
            File("f");
            Sets("f", Times.Change, () => chmod("f", 0600).Ok());
        } },
        { "fchmod changes an open file, even one without a name", () =>
        {
            File("f");
            int fd = open("f", O_RDONLY).Ok();
            fchmod(fd, 0640).Ok();
            Stat("f").Mode.Is(0640);
            unlink("f").Ok();
            fchmod(fd, 0600).Ok();
            Stat(fd).Mode.Is(0600);
        } },
        { "the owner may, others may not: EPERM", () =>
        {
            File("f", "", 0666, Alice);
            As(Alice, () => chmod("f", 0640).Ok());
            As(Bob, () => chmod("f", 0777).Fails(EPERM));
            As(Carol, () => chmod("f", 0777).Fails(EPERM));
            Stat("f").Mode.Is(0640);
        } },
        { "a refused chmod leaves ctime", () =>
        {
            File("f", "", 0666, Alice);
            Sets("f", Times.None, () => As(Bob, () => chmod("f", 0777).Fails(EPERM)));
        } },
        { "an owner outside of the file's group loses setgid", () =>
        {
            File("f", "", 0755, Alice);
            chown("f", -1, (int)Bob.Gid).Ok();
            As(Alice, () => chmod("f", 06755).Ok());
            Stat("f").Mode.Is(04755);
        } },
        { "an owner inside of the file's group, or with it as a supplementary one, sets setgid", () =>
        {
            File("f", "", 0755, Alice);
            As(Alice, () => chmod("f", 02755).Ok());
            Stat("f").Mode.Is(02755);
            File("g", "", 0755, Dave);
            chown("g", -1, (int)Alice.Gid).Ok();
            As(Dave, () => chmod("g", 02755).Ok());
            Stat("g").Mode.Is(02755);
        } },
        { "taking a permission away does not close what is open", () =>
        {
            File("f", "text", 0644, Alice);
            As(Alice, () =>
            {
                int fd = open("f", O_RDWR).Ok();
                chmod("f", 0000).Ok();
                ReadAt(fd, 4, 0).Is("text");
                WriteAt(fd, "TEXT", 0);
                open("f", O_RDONLY).Fails(EACCES);
            });
        } },
        { "ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, EBADF", () =>
        {
            File("f");
            symlink("loop", "loop").Ok();
            symlink("nowhere", "s").Ok();
            chmod("none", 0644).Fails(ENOENT);
            chmod("s", 0644).Fails(ENOENT);
            chmod("f/x", 0644).Fails(ENOTDIR);
            chmod("loop", 0644).Fails(ELOOP);
            chmod(Long(NAME_MAX + 1), 0644).Fails(ENAMETOOLONG);
            fchmod(-1, 0644).Fails(EBADF);
        } },
        { "EACCES: the directory may not be searched", () =>
        {
            Directory("d");
            File("d/f", "", 0644, Bob);
            chmod("d", 0644).Ok();
            As(Bob, () => chmod("d/f", 0600).Fails(EACCES));
        } },
    };

    public static readonly Group Chown = new("chown")
    {
        { "sets owner and group; -1 leaves one of them", () =>
        {
            File("f");
            chown("f", 11, 12).Ok();
            chown("f", 13, -1).Ok();
            (Stat("f").Uid, Stat("f").Gid).Is((13, 12));
            chown("f", -1, 14).Ok();
            (Stat("f").Uid, Stat("f").Gid).Is((13, 14));
        } },
        { "ids of 32 bits", () =>
        {
            File("f");
            chown("f", int.MaxValue, -2).Ok();
            (Stat("f").Uid, Stat("f").Gid).Is((int.MaxValue, uint.MaxValue - 1));
        } },
        { "sets ctime alone", () =>
        {
            File("f");
            Sets("f", Times.Change, () => chown("f", 1, 1).Ok());
        } },
        { "lchown changes a symlink itself, chown what it leads to", () =>
        {
            File("f");
            symlink("f", "s").Ok();
            lchown("s", 21, 22).Ok();
            chown("s", 31, 32).Ok();
            (Lstat("s").Uid, Lstat("s").Gid, Stat("f").Uid, Stat("f").Gid).Is((21, 22, 31, 32));
        } },
        { "fchown changes an open file without a name", () =>
        {
            File("f");
            int fd = open("f", O_RDONLY).Ok();
            unlink("f").Ok();
            fchown(fd, 41, 42).Ok();
            (Stat(fd).Uid, Stat(fd).Gid).Is((41, 42));
        } },
        { "EPERM: an ordinary user gives a file away, or takes one", () =>
        {
            File("alices", "", 0666, Alice);
            As(Alice, () => chown("alices", (int)Bob.Uid, -1).Fails(EPERM));
            As(Bob, () => chown("alices", (int)Bob.Uid, -1).Fails(EPERM));
            Stat("alices").Uid.Is(Alice.Uid);
        } },
        { "the owner may give it to a group of its own, to no other: EPERM", () =>
        {
            File("f", "", 0644, Dave);
            As(Dave, () =>
            {
                chown("f", -1, 4005).Ok();
                chown("f", (int)Dave.Uid, (int)Alice.Gid).Ok();
                chown("f", -1, (int)Bob.Gid).Fails(EPERM);
            });
            Stat("f").Gid.Is(Alice.Gid);
        } },
        { "an ordinary owner loses set-id bits of a file that may be executed", () =>
        {
            File("f", "", 06755, Dave);
            As(Dave, () => chown("f", -1, 4005).Ok());
            Stat("f").Mode.Is(0755);
        } },
        { "nothing to change: anybody may ask; the owner's set-id bits go, a directory's stay", () =>
        {
            File("f", "", 06755, Alice);
            Directory("d", 06755, Alice);
            File("g", "", 0644, Alice);
            As(Bob, () => chown("g", -1, -1).Ok());
            As(Alice, () =>
            {
                chown("f", -1, -1).Ok();
                chown("d", -1, -1).Ok();
            });
            (Stat("f").Mode, Stat("d").Mode).Is(((Mode)0755, (Mode)06755));
            (Stat("g").Uid, Stat("g").Gid).Is((Alice.Uid, Alice.Gid));
        } },
        { "set-user-id goes, and setgid without group execution stays", () =>
        {
            File("f", "", 06644, Dave);
            As(Dave, () => chown("f", -1, 4005).Ok());
            (Stat("f").Mode.Bits & 0xe00).IsNot(0xc00u);
            ((Stat("f").Mode.Bits & 0x800) == 0).Is(true);
        } },
        { "root clears set-id bits of a file too", () =>
        {
            File("f", "", 06755);
            chown("f", 1, 1).Ok();
            Stat("f").Mode.Is(0755);
        } },
        { "set-id bits of a directory stay", () =>
        {
            Directory("d", 06755);
            chown("d", 1, 1).Ok();
            Stat("d").Mode.Is(06755);
        } },
        { "ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, EBADF", () =>
        {
            File("f");
            symlink("loop", "loop").Ok();
            chown("none", 1, 1).Fails(ENOENT);
            chown("f/x", 1, 1).Fails(ENOTDIR);
            chown("loop", 1, 1).Fails(ELOOP);
            chown(Long(NAME_MAX + 1), 1, 1).Fails(ENAMETOOLONG);
            fchown(-1, 1, 1).Fails(EBADF);
        } },
    };

    public static readonly Group Access = new("access")
    {
        { "root may read and write anything, and execute what somebody may", () =>
        {
            File("f", "", 0000, Alice);
            access("f", F_OK | R_OK | W_OK).Ok();
            access("f", X_OK).Fails(EACCES);
            chmod("f", 0010).Ok();
            access("f", X_OK).Ok();
        } },
        { "every permission of owner, group and others is obeyed alone", () =>
        {
            (User Who, int Shift)[] users = [(Alice, 6), (Carol, 3), (Dave, 3), (Bob, 0)];
            File("f", "", 0, Alice);
            foreach ((User who, int shift) in users)
            {
                for (int bits = 0; bits < 8; bits++)
                {
                    chmod("f", new Mode((uint)bits << shift)).Ok();
                    As(who, () =>
                    {
                        for (int asked = 1; asked < 8; asked++)
                        {
                            bool allowed = (asked & ~bits) == 0;
                            (access("f", asked).Error == None).Is(allowed, $"user {who.Uid}, mode {bits}, asked {asked}");
                        }
                    });
                }
            }
        } },
        { "the owner's bits count for the owner though others may more", () =>
        {
            File("f", "", 0077, Alice);
            As(Alice, () => access("f", R_OK).Fails(EACCES));
            As(Bob, () => access("f", R_OK | W_OK | X_OK).Ok());
        } },
        { "the group's bits count for a member though others may more", () =>
        {
            File("f", "", 0707, Alice);
            As(Carol, () => access("f", R_OK).Fails(EACCES));
            As(Dave, () => access("f", R_OK).Fails(EACCES));
        } },
        { "ENOENT, ENOTDIR, ELOOP, EINVAL", () =>
        {
            File("f");
            symlink("loop", "loop").Ok();
            access("none", F_OK).Fails(ENOENT);
            access("f/x", F_OK).Fails(ENOTDIR);
            access("loop", F_OK).Fails(ELOOP);
            access("f", 8).Fails(EINVAL);
        } },
        { "EACCES: the directory may not be searched, whatever the file allows", () =>
        {
            Directory("d");
            File("d/f", "", 0777);
            chmod("d", 0666).Ok();
            As(Bob, () => access("d/f", F_OK).Fails(EACCES));
        } },
    };

    public static readonly Group SetId = new("set-id bits")
    {
        { "a write by an ordinary user clears them", () =>
        {
            File("f", "", 06777, Alice);
            As(Bob, () => Write(open("f", O_WRONLY).Ok(), "x"));
            Stat("f").Mode.Is(0777);
        } },
        { "a write by the owner clears them", () =>
        {
            File("f", "", 06777, Alice);
            As(Alice, () => Write(open("f", O_WRONLY).Ok(), "x"));
            Stat("f").Mode.Is(0777);
        } },
        { "a write by root keeps them", () =>
        {
            File("f", "", 06777, Alice);
            Write(open("f", O_WRONLY).Ok(), "x");
            Stat("f").Mode.Is(06777);
        } },
        { "truncate and ftruncate by an ordinary user clear them", () =>
        {
            File("f", "text", 06777, Alice);
            As(Bob, () => truncate("f", 1).Ok());
            Stat("f").Mode.Is(0777);
            chmod("f", 06777).Ok();
            As(Bob, () => ftruncate(open("f", O_WRONLY).Ok(), 100).Ok());
            Stat("f").Mode.Is(0777);
        } },
        { "setgid without group execution stays over a write", () =>
        {
            File("f", "", 02766, Alice);
            As(Alice, () => Write(open("f", O_WRONLY).Ok(), "x"));
            Stat("f").Mode.Is(02766);
        } },
        { "an append to a cached file clears them", () =>
        {
            File("f", Long(100), 04777, Alice);
            Content("f").Length.Is(100);
            As(Bob, () => Write(open("f", O_WRONLY | O_APPEND).Ok(), "x"));
            Stat("f").Mode.Is(0777);
        } },
    };

    public static readonly Group Setgid = new("setgid directory")
    {
        { "what is made in it gets its group, whoever makes it", () =>
        {
            Directory("d", 02777, Alice);
            As(Bob, () =>
            {
                open("d/f", O_WRONLY | O_CREAT, 0644).Ok();
                mkdir("d/e", 0755).Ok();
                symlink("t", "d/s").Ok();
                mkfifo("d/p", 0644).Ok();
            });
            foreach (string name in Names("d"))
            {
                (Lstat($"d/{name}").Uid, Lstat($"d/{name}").Gid).Is((Bob.Uid, Alice.Gid), name);
            }
        } },
        { "a directory made in it is setgid too, a file is not", () =>
        {
            Directory("d", 02777);
            mkdir("d/e", 0755).Ok();
            open("d/f", O_WRONLY | O_CREAT, 0644).Ok();
            (Stat("d/e").Mode, Stat("d/f").Mode).Is(((Mode)02755, (Mode)0644));
        } },
        { "a file made setgid by somebody outside of the group is not", () =>
        {
            Directory("d", 02777, Alice);
            As(Bob, () => open("d/f", O_WRONLY | O_CREAT, 02755).Ok());
            Stat("d/f").Mode.Is(0755);
        } },
        { "nor one made by mknod, or without a name", () =>
        {
            Directory("d", 02777, Alice);
            As(Bob, () =>
            {
                mknod("d/n", (Mode)02775 | FileType.Regular, 0).Ok();
                Stat(open("d", O_RDWR | O_TMPFILE, 02775).Ok()).Mode.Is(0775);
            });
            (Stat("d/n").Mode, Stat("d/n").Gid).Is(((Mode)0775, Alice.Gid));
        } },
        { "a member of the group makes setgid files in it", () =>
        {
            Directory("d", 02777, Alice);
            As(Carol, () => open("d/f", O_WRONLY | O_CREAT, 02755).Ok());
            Stat("d/f").Mode.Is(02755);
        } },
        { "moving something into it changes no group", () =>
        {
            Directory("d", 02777, Alice);
            File("f");
            rename("f", "d/f").Ok();
            Stat("d/f").Gid.Is(0);
        } },
    };

    public static readonly Group Sticky = new("sticky directory")
    {
        { "EPERM: somebody else's file cannot be removed, whatever its mode", () =>
        {
            Directory("sticky", 01777);
            File("sticky/f", "", 0777, Alice);
            As(Bob, () => unlink("sticky/f").Fails(EPERM));
            As(Carol, () => unlink("sticky/f").Fails(EPERM));
        } },
        { "the owner of the file may, so may the owner of the directory, and root", () =>
        {
            Directory("sticky", 01777, Bob);
            File("sticky/f", "", 0600, Alice);
            File("sticky/g", "", 0600, Alice);
            File("sticky/h", "", 0600, Alice);
            As(Alice, () => unlink("sticky/f").Ok());
            As(Bob, () => unlink("sticky/g").Ok());
            unlink("sticky/h").Ok();
        } },
        { "without the bit anybody who may write the directory may", () =>
        {
            Directory("d", 0777);
            File("d/f", "", 0600, Alice);
            As(Bob, () => unlink("d/f").Ok());
        } },
    };
}
