namespace Vault.Posix.Cases;

/// <summary>mkdir(2), rmdir(2) and getdents(2).</summary>
internal static class DirectoryCases
{
    public static readonly Group Mkdir = new("mkdir")
    {
        { "makes an empty directory with two links", () =>
        {
            mkdir("d", 0750).Ok();
            Stat d = Stat("d");
            d.Type.Is(FileType.Directory);
            d.Mode.Is(0750);
            d.Links.Is(2);
            Names("d").Are();
        } },
        { "its '.' is itself and its '..' the parent", () =>
        {
            mkdir("d", 0755).Ok();
            Stat("d/.").Inode.Is(Stat("d").Inode);
            Stat("d/..").Inode.Is(Stat(".").Inode);
        } },
        { "gives the parent a link", () =>
        {
            long links = Stat(".").Links;
            mkdir("d", 0755).Ok();
            Stat(".").Links.Is(links + 1);
        } },
        { "the umask takes bits from the mode", () => WithUmask(0022, () =>
        {
            mkdir("d", 0777).Ok();
            Stat("d").Mode.Is(0755);
        }) },
        { "keeps the sticky bit and drops set-id bits that were asked for", () =>
        {
            mkdir("d", 07755).Ok();
            Stat("d").Mode.Is(01755);
        } },
        { "belongs to who makes it", () =>
        {
            chmod(".", 0777).Ok();
            As(Alice, () => mkdir("d", 0755).Ok());
            (Stat("d").Uid, Stat("d").Gid).Is((Alice.Uid, Alice.Gid));
        } },
        { "sets mtime and ctime of the parent", () =>
        {
            Directory("d");
            Sets("d", Times.Modify | Times.Change, () => mkdir("d/e", 0755).Ok());
        } },
        { "a slash after the name is allowed", () => mkdir("d/", 0755).Ok() },
        { "EEXIST: a file, a directory, a symlink that leads nowhere", () =>
        {
            File("f");
            Directory("d");
            symlink("nowhere", "link").Ok();
            mkdir("f", 0755).Fails(EEXIST);
            mkdir("d", 0755).Fails(EEXIST);
            mkdir("link", 0755).Fails(EEXIST);
            mkdir(".", 0755).Fails(EEXIST);
        } },
        { "ENOENT: no such directory on the way", () => mkdir("d/e", 0755).Fails(ENOENT) },
        { "ENOENT: an empty path", () => mkdir("", 0755).Fails(ENOENT) },
        { "ENOTDIR: a file on the way", () =>
        {
            File("f");
            mkdir("f/d", 0755).Fails(ENOTDIR);
        } },
        { "ENAMETOOLONG: a name of 256 bytes", () => mkdir(Long(NAME_MAX + 1), 0755).Fails(ENAMETOOLONG) },
        { "ELOOP: a symlink to itself on the way", () =>
        {
            symlink("loop", "loop").Ok();
            mkdir("loop/d", 0755).Fails(ELOOP);
        } },
        { "EACCES: the parent may not be written, or not searched", () =>
        {
            Directory("closed", 0755);
            Directory("unsearchable", 0666);
            As(Bob, () =>
            {
                mkdir("closed/d", 0755).Fails(EACCES);
                mkdir("unsearchable/d", 0755).Fails(EACCES);
            });
        } },
        { "ENOENT: in a directory that was removed", () =>
        {
            Directory("d");
            int d = open("d", O_RDONLY | O_DIRECTORY).Ok();
            rmdir("d").Ok();
            mkdirat(d, "e", 0755).Fails(ENOENT);
        } },
    };

    public static readonly Group Rmdir = new("rmdir")
    {
        { "removes an empty directory and takes the parent's link", () =>
        {
            long links = Stat(".").Links;
            Directory("d");
            rmdir("d").Ok();
            stat("d").Fails(ENOENT);
            Stat(".").Links.Is(links);
        } },
        { "sets mtime and ctime of the parent", () =>
        {
            Directory("d");
            Directory("d/e");
            Sets("d", Times.Modify | Times.Change, () => rmdir("d/e").Ok());
        } },
        { "a removed directory that is open has no links, and listing it is ENOENT", () =>
        {
            Directory("d");
            int d = open("d", O_RDONLY | O_DIRECTORY).Ok();
            rmdir("d").Ok();
            Stat(d).Links.Is(0);
            getdents64(d, new byte[1000], 1000).Fails(ENOENT);
        } },
        { "ENOTEMPTY: something is in it", () =>
        {
            Directory("d");
            File("d/f");
            rmdir("d").Fails(ENOTEMPTY);
            unlink("d/f").Ok();
            rmdir("d").Ok();
        } },
        { "ENOENT: no such name", () => rmdir("d").Fails(ENOENT) },
        { "ENOTDIR: a file, a symlink to a directory", () =>
        {
            File("f");
            Directory("d");
            symlink("d", "link").Ok();
            rmdir("f").Fails(ENOTDIR);
            rmdir("link").Fails(ENOTDIR);
            rmdir("f/x").Fails(ENOTDIR);
        } },
        { "EINVAL: the last name is '.'", () =>
        {
            Directory("d");
            rmdir("d/.").Fails(EINVAL);
        } },
        { "ENOTEMPTY: the last name is '..'", () =>
        {
            Directory("d");
            Directory("d/e");
            rmdir("d/e/..").Fails(ENOTEMPTY);
        } },
        { "ENAMETOOLONG: a name of 256 bytes", () => rmdir(Long(NAME_MAX + 1)).Fails(ENAMETOOLONG) },
        { "ELOOP: a symlink to itself on the way", () =>
        {
            symlink("loop", "loop").Ok();
            rmdir("loop/x").Fails(ELOOP);
        } },
        { "EACCES: the parent may not be written", () =>
        {
            Directory("p");
            Directory("p/d", 0777, Bob);
            As(Bob, () => rmdir("p/d").Fails(EACCES));
        } },
        { "EPERM: somebody else's directory in a sticky one", () =>
        {
            Directory("sticky", 01777);
            Directory("sticky/d", 0777, Alice);
            As(Bob, () => rmdir("sticky/d").Fails(EPERM));
            As(Alice, () => rmdir("sticky/d").Ok());
        } },
        { "EISDIR: unlink of a directory", () =>
        {
            Directory("d");
            unlink("d").Fails(EISDIR);
            unlinkat(AT_FDCWD, "d", AT_REMOVEDIR).Ok();
        } },
    };

    public static readonly Group Readdir = new("readdir")
    {
        { "lists every name once, '.' and '..' too", () =>
        {
            string[] names = [.. Enumerable.Range(0, 300).Select(i => $"name-{i}")];
            foreach (string name in names)
            {
                File(name);
            }

            string[] found = [.. Entries(open(".", O_RDONLY | O_DIRECTORY).Ok()).Select(entry => entry.Name).Order(StringComparer.Ordinal)];
            found.Are([.. names.Append(".").Append("..").Order(StringComparer.Ordinal)]);
        } },
        { "tells each entry's inode and type", () =>
        {
            File("file");
            Directory("directory");
            symlink("x", "symlink").Ok();
            mkfifo("fifo", 0644).Ok();
            mknod("socket", (Mode)0644 | FileType.Socket, 0).Ok();
            mknod("device", (Mode)0644 | FileType.CharacterDevice, 0x103).Ok();
            foreach ((string name, long inode, int type, _) in Entries(open(".", O_RDONLY | O_DIRECTORY).Ok()).Where(entry => entry.Name != ".."))
            {
                Stat entry = Lstat(name);
                (inode, type).Is((entry.Inode, (int)((uint)entry.Type >> 12)));
            }
        } },
        { "small buffers list the same as large ones", () =>
        {
            for (int i = 0; i < 100; i++)
            {
                File($"a-longer-name-{i}");
            }

            Entries(open(".", O_RDONLY | O_DIRECTORY).Ok(), 64).Select(entry => entry.Name).Are(
                [.. Entries(open(".", O_RDONLY | O_DIRECTORY).Ok()).Select(entry => entry.Name)]);
        } },
        { "EINVAL: a buffer too small for one entry", () =>
            getdents64(open(".", O_RDONLY | O_DIRECTORY).Ok(), new byte[10], 10).Fails(EINVAL) },
        { "ENOTDIR: not a directory", () =>
        {
            File("f");
            getdents64(open("f", O_RDONLY).Ok(), new byte[1000], 1000).Fails(ENOTDIR);
        } },
        { "seekdir: each entry's cookie leads to the entry after it", () =>
        {
            for (int i = 0; i < 50; i++)
            {
                File($"f{i}");
            }

            int fd = open(".", O_RDONLY | O_DIRECTORY).Ok();
            (string Name, long Inode, int Type, long Next)[] all = [.. Entries(fd)];
            for (int i = 0; i < all.Length; i++)
            {
                lseek(fd, all[i].Next, SEEK_SET).Is(all[i].Next);
                Entries(fd).Select(entry => entry.Name).Are([.. all[(i + 1)..].Select(entry => entry.Name)], $"what follows {all[i].Name}");
            }
        } },
        { "seekdir: a cookie stays good while names before and behind it go", () =>
        {
            for (int i = 0; i < 200; i++)
            {
                File($"f{i}");
            }

            int fd = open(".", O_RDONLY | O_DIRECTORY).Ok();
            (string Name, long Inode, int Type, long Next)[] all = [.. Entries(fd)];
            string[] gone = [.. all.Select(entry => entry.Name).Where((name, i) => i % 3 != 0 && name is not ("." or ".."))];
            foreach (string name in gone)
            {
                unlink(name).Ok();
            }

            for (int i = 1; i < all.Length; i += 20)
            {
                // Whether names that went are listed still is unspecified until rewinddir(3).
                lseek(fd, all[i - 1].Next, SEEK_SET).Ok();
                Entries(fd).Select(entry => entry.Name).Except(gone).Are([.. all[i..].Select(entry => entry.Name).Except(gone)], $"what follows {all[i - 1].Name}");
            }
        } },
        { "rewinddir lists again, with what was made since", () =>
        {
            int fd = open(".", O_RDONLY | O_DIRECTORY).Ok();
            Entries(fd).Count().Is(2);
            File("f");
            lseek(fd, 0, SEEK_SET).Is(0);
            Entries(fd).Count().Is(3);
        } },
        { "names that stay are listed once while others come and go", () =>
        {
            string[] staying = [.. Enumerable.Range(0, 200).Select(i => $"stays-{i}")];
            foreach (string name in staying)
            {
                File(name);
                File(name + "-goes");
            }

            int fd = open(".", O_RDONLY | O_DIRECTORY).Ok();
            List<string> found = [];
            foreach ((string name, _, _, _) in Entries(fd, 512))
            {
                found.Add(name);
                if (name.StartsWith("stays", StringComparison.Ordinal))
                {
                    _ = unlink(name + "-goes");
                    File(name + "-comes");
                }
            }

            found.Where(staying.Contains).Order(StringComparer.Ordinal).Are([.. staying.Order(StringComparer.Ordinal)], "names that stayed");
        } },
        { "deleting while listing, as rm does, finds everything", () =>
        {
            for (int i = 0; i < 1000; i++)
            {
                File($"f{i}");
            }

            foreach ((string name, _, _, _) in Entries(open(".", O_RDONLY | O_DIRECTORY).Ok(), 1024).Where(entry => entry.Name[0] != '.'))
            {
                unlink(name).Ok();
            }

            Names(".").Are();
        } },
        { "EACCES: a directory without read permission is searched but not listed", () =>
        {
            Directory("d", 0711);
            File("d/f");
            As(Bob, () =>
            {
                open("d", O_RDONLY | O_DIRECTORY).Fails(EACCES);
                stat("d/f").Ok();
            });
        } },
        { "a renamed directory's '..' is the new parent", () =>
        {
            Directory("a");
            Directory("b");
            Directory("a/d");
            rename("a/d", "b/d").Ok();
            Entries(open("b/d", O_RDONLY | O_DIRECTORY).Ok()).Single(entry => entry.Name == "..").Inode.Is(Stat("b").Inode);
        } },
        { "read(2) of a directory: EISDIR", () => read(open(".", O_RDONLY).Ok(), new byte[10], 10).Fails(EISDIR) },
    };
}
