namespace Vault.Posix.Cases;

/// <summary>rename(2) and renameat2(2).</summary>
internal static class RenameCases
{
    public static readonly Group Rename = new("rename")
    {
        { "gives a file another name: same inode, old name gone", () =>
        {
            File("a", "text");
            long inode = Stat("a").Inode;
            rename("a", "b").Ok();
            Stat("b").Inode.Is(inode);
            Content("b").Is("text");
            Exists("a").Is(false);
        } },
        { "moves files of every type between directories", () =>
        {
            Directory("from");
            Directory("to");
            File("from/f");
            Directory("from/d");
            symlink("t", "from/s").Ok();
            mkfifo("from/p", 0644).Ok();
            mknod("from/c", (Mode)0644 | FileType.CharacterDevice, 0x103).Ok();
            foreach (string name in Names("from"))
            {
                rename($"from/{name}", $"to/{name}").Ok();
            }

            Names("from").Are();
            Names("to").Are("c", "d", "f", "p", "s");
        } },
        { "replaces a file, which loses a link", () =>
        {
            File("a", "new");
            File("b", "old");
            link("b", "c").Ok();
            rename("a", "b").Ok();
            Content("b").Is("new");
            Content("c").Is("old");
            Stat("c").Links.Is(1);
        } },
        { "a file that is replaced while it is open stays readable", () =>
        {
            File("a", "new");
            File("b", "old");
            int fd = open("b", O_RDONLY).Ok();
            rename("a", "b").Ok();
            ReadAt(fd, 10, 0).Is("old");
            Stat(fd).Links.Is(0);
        } },
        { "does nothing if both names are one file", () =>
        {
            File("a");
            link("a", "b").Ok();
            rename("a", "b").Ok();
            rename("a", "a").Ok();
            Names(".").Are("a", "b");
        } },
        { "replaces an empty directory by a directory", () =>
        {
            Directory("a");
            File("a/f");
            Directory("b");
            rename("a", "b").Ok();
            Names("b").Are("f");
            Names(".").Are("b");
        } },
        { "replaces a symlink itself", () =>
        {
            File("f", "text");
            File("a");
            symlink("f", "s").Ok();
            rename("a", "s").Ok();
            Lstat("s").Type.Is(FileType.Regular);
            Content("f").Is("text");
        } },
        { "moves links of the directories with the directory that moves", () =>
        {
            Directory("a");
            Directory("b");
            Directory("a/d");
            rename("a/d", "b/d").Ok();
            (Stat("a").Links, Stat("b").Links).Is((2, 3));
            Stat("b/d/..").Inode.Is(Stat("b").Inode);
        } },
        { "a file and a directory that are replaced while they are open have no links", () =>
        {
            File("a");
            File("b");
            Directory("c");
            Directory("d");
            int b = open("b", O_RDONLY).Ok();
            int d = open("d", O_RDONLY | O_DIRECTORY).Ok();
            rename("a", "b").Ok();
            rename("c", "d").Ok();
            (Stat(b).Links, Stat(d).Links).Is((0, 0));
            openat(d, "x", O_WRONLY | O_CREAT, 0644).Fails(ENOENT);
        } },
        { "a replaced directory takes its link along", () =>
        {
            Directory("p");
            Directory("p/a");
            Directory("p/b");
            Stat("p").Links.Is(4);
            rename("p/a", "p/b").Ok();
            Stat("p").Links.Is(3);
        } },
        { "sets mtime and ctime of both directories and ctime of the file", () =>
        {
            Directory("from");
            Directory("to");
            File("from/f");
            File("other");
            link("from/f", "watched").Ok();
            Sets("watched", Times.Change, () =>
                Sets("from", Times.Modify | Times.Change, () =>
                    Sets("to", Times.Modify | Times.Change, () => rename("from/f", "to/f").Ok())));
        } },
        { "ENOENT: no such name, no such directory", () =>
        {
            rename("a", "b").Fails(ENOENT);
            File("a");
            rename("a", "d/b").Fails(ENOENT);
            rename("", "b").Fails(ENOENT);
            rename("a", "").Fails(ENOENT);
        } },
        { "EISDIR: a directory is in the way of a file", () =>
        {
            File("f");
            Directory("d");
            rename("f", "d").Fails(EISDIR);
        } },
        { "ENOTDIR: a file is in the way of a directory", () =>
        {
            Directory("d");
            File("f");
            symlink("nowhere", "s").Ok();
            rename("d", "f").Fails(ENOTDIR);
            rename("d", "s").Fails(ENOTDIR);
            rename("f/x", "y").Fails(ENOTDIR);
            rename("f", "f/x").Fails(ENOTDIR);
        } },
        { "ENOTEMPTY: the directory in the way has entries", () =>
        {
            Directory("a");
            Directory("b");
            File("b/f");
            rename("a", "b").Fails(ENOTEMPTY);
            Names("b").Are("f");
        } },
        { "EINVAL: a directory into itself", () =>
        {
            Directory("a");
            Directory("a/b");
            rename("a", "a/c").Fails(EINVAL);
            rename("a", "a/b/c").Fails(EINVAL);
        } },
        { "ENOTEMPTY: a directory over one that holds it", () =>
        {
            Directory("a");
            Directory("a/b");
            rename("a/b", "a").Fails(ENOTEMPTY);
        } },
        { "EBUSY: '.' and '..'", () =>
        {
            Directory("d");
            rename("d/.", "e").Fails(EBUSY);
            rename("d/..", "e").Fails(EBUSY);
        } },
        { "ENAMETOOLONG: a name of 256 bytes", () =>
        {
            File("f");
            rename("f", Long(NAME_MAX + 1)).Fails(ENAMETOOLONG);
            rename(Long(NAME_MAX + 1), "g").Fails(ENAMETOOLONG);
            Names(".").Are("f");
        } },
        { "ELOOP: a symlink to itself on the way", () =>
        {
            File("f");
            symlink("loop", "loop").Ok();
            rename("f", "loop/g").Fails(ELOOP);
            rename("loop/g", "g").Fails(ELOOP);
        } },
        { "EACCES: one of the directories may not be written", () =>
        {
            Directory("closed");
            Directory("open", 0777);
            File("closed/f", "", 0666, Bob);
            File("open/g", "", 0666, Bob);
            As(Bob, () =>
            {
                rename("closed/f", "open/f").Fails(EACCES);
                rename("open/g", "closed/g").Fails(EACCES);
            });
        } },
        { "EACCES: a directory that moves must be writable, as its '..' changes", () =>
        {
            Directory("a", 0777);
            Directory("b", 0777);
            Directory("a/d", 0555, Alice);
            As(Alice, () =>
            {
                rename("a/d", "b/d").Fails(EACCES);
                rename("a/d", "a/e").Ok();
            });
        } },
        { "EXDEV: from another file system", () => rename("/proc/self/status", "f").Fails(EXDEV) },
        { "EPERM: somebody else's file from, or over, in a sticky directory", () =>
        {
            Directory("sticky", 01777);
            File("sticky/alices", "", 0666, Alice);
            File("sticky/bobs", "", 0666, Bob);
            As(Bob, () =>
            {
                rename("sticky/alices", "sticky/x").Fails(EPERM);
                rename("sticky/bobs", "sticky/alices").Fails(EPERM);
                rename("sticky/bobs", "sticky/y").Ok();
            });
        } },
        { "the owner of a sticky directory may rename in it", () =>
        {
            Directory("sticky", 01777, Bob);
            File("sticky/f", "", 0600, Alice);
            As(Bob, () => rename("sticky/f", "sticky/g").Ok());
        } },
        { "paths that the kernel has cached below a directory are found at its new place", () =>
        {
            Directory("a");
            Directory("a/b");
            File("a/b/f", "text");
            Content("a/b/f").Is("text");
            rename("a", "c").Ok();
            Content("c/b/f").Is("text");
            stat("a/b/f").Fails(ENOENT);
        } },
        { "names that were looked for and not there appear", () =>
        {
            Directory("d");
            File("f", "text");
            stat("d/f").Fails(ENOENT);
            rename("f", "d/f").Ok();
            Content("d/f").Is("text");
        } },
    };

    public static readonly Group RenameFlags = new("renameat2")
    {
        { "NOREPLACE renames to a name that is free", () =>
        {
            File("a");
            renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE).Ok();
            Names(".").Are("b");
        } },
        { "NOREPLACE: EEXIST if the name is taken, even by a symlink that leads nowhere", () =>
        {
            File("a");
            File("b", "old");
            symlink("nowhere", "s").Ok();
            renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE).Fails(EEXIST);
            renameat2(AT_FDCWD, "a", AT_FDCWD, "s", RENAME_NOREPLACE).Fails(EEXIST);
            renameat2(AT_FDCWD, "a", AT_FDCWD, "a", RENAME_NOREPLACE).Fails(EEXIST);
            Content("b").Is("old");
        } },
        { "EXCHANGE swaps two files", () =>
        {
            File("a", "1");
            File("b", "2");
            renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_EXCHANGE).Ok();
            (Content("a"), Content("b")).Is(("2", "1"));
        } },
        { "EXCHANGE swaps a file and a directory, and their links", () =>
        {
            Directory("p");
            Directory("q");
            File("p/f");
            Directory("q/d");
            renameat2(AT_FDCWD, "p/f", AT_FDCWD, "q/d", RENAME_EXCHANGE).Ok();
            Stat("p/f").Type.Is(FileType.Directory);
            Stat("q/d").Type.Is(FileType.Regular);
            (Stat("p").Links, Stat("q").Links).Is((3, 2));
            Stat("p/f/..").Inode.Is(Stat("p").Inode);
        } },
        { "EXCHANGE swaps directories with entries", () =>
        {
            Directory("a");
            File("a/1");
            Directory("b");
            File("b/2");
            renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_EXCHANGE).Ok();
            Names("a").Are("2");
            Names("b").Are("1");
        } },
        { "EXCHANGE sets ctime of both and mtime of both directories", () =>
        {
            Directory("p");
            Directory("q");
            File("p/a");
            File("q/b");
            link("p/a", "a").Ok();
            link("q/b", "b").Ok();
            Sets("a", Times.Change, () => Sets("b", Times.Change, () =>
                Sets("p", Times.Modify | Times.Change, () => Sets("q", Times.Modify | Times.Change, () =>
                    renameat2(AT_FDCWD, "p/a", AT_FDCWD, "q/b", RENAME_EXCHANGE).Ok()))));
        } },
        { "EXCHANGE: ENOENT if one is missing", () =>
        {
            File("a");
            renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_EXCHANGE).Fails(ENOENT);
            renameat2(AT_FDCWD, "b", AT_FDCWD, "a", RENAME_EXCHANGE).Fails(ENOENT);
        } },
        { "EXCHANGE: EINVAL if one holds the other", () =>
        {
            Directory("a");
            Directory("a/b");
            renameat2(AT_FDCWD, "a", AT_FDCWD, "a/b", RENAME_EXCHANGE).Fails(EINVAL);
            renameat2(AT_FDCWD, "a/b", AT_FDCWD, "a", RENAME_EXCHANGE).Fails(EINVAL);
        } },
        { "EXCHANGE: EPERM for somebody else's file in a sticky directory", () =>
        {
            Directory("sticky", 01777);
            File("sticky/a", "", 0666, Alice);
            File("sticky/b", "", 0666, Bob);
            As(Bob, () => renameat2(AT_FDCWD, "sticky/b", AT_FDCWD, "sticky/a", RENAME_EXCHANGE).Fails(EPERM));
        } },
        { "WHITEOUT leaves a character device 0:0 behind", () =>
        {
            File("a", "text");
            renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_WHITEOUT).Ok();
            Content("b").Is("text");
            Stat a = Lstat("a");
            (a.Type, a.DeviceNumber, a.Mode).Is((FileType.CharacterDevice, (0, 0), (Mode)0));
        } },
        { "WHITEOUT replaces what is there", () =>
        {
            File("a", "new");
            File("b", "old");
            renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_WHITEOUT).Ok();
            Content("b").Is("new");
            Lstat("a").Type.Is(FileType.CharacterDevice);
        } },
        { "EINVAL: unknown flags, and flags that contradict each other", () =>
        {
            File("a");
            File("b");
            renameat2(AT_FDCWD, "a", AT_FDCWD, "b", 0x100).Fails(EINVAL);
            renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE | RENAME_EXCHANGE).Fails(EINVAL);
            renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_WHITEOUT | RENAME_EXCHANGE).Fails(EINVAL);
        } },
    };
}
