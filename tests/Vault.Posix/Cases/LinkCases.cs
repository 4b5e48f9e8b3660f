namespace Vault.Posix.Cases;

/// <summary>link(2), unlink(2), symlink(2) and readlink(2).</summary>
internal static class LinkCases
{
    public static readonly Group Link = new("link")
    {
        { "gives a file a second name: one inode, one content", () =>
        {
            File("a", "text");
            link("a", "b").Ok();
            Stat("b").Inode.Is(Stat("a").Inode);
            Stat("b").Links.Is(2);
            Write(open("a", O_WRONLY | O_APPEND).Ok(), "!");
            Content("b").Is("text!");
        } },
        { "both names have one mode and owner", () =>
        {
            File("a");
            link("a", "b").Ok();
            chmod("b", 0600).Ok();
            chown("b", 5, 6).Ok();
            (Stat("a").Mode, Stat("a").Uid, Stat("a").Gid).Is(((Mode)0600, 5, 6));
        } },
        { "sets ctime of the file, mtime and ctime of the directory", () =>
        {
            Directory("d");
            File("a");
            Sets("a", Times.Change, () => Sets("d", Times.Modify | Times.Change, () => link("a", "d/b").Ok()));
        } },
        { "works for fifos, sockets and devices", () =>
        {
            mkfifo("fifo", 0644).Ok();
            mknod("socket", (Mode)0644 | FileType.Socket, 0).Ok();
            mknod("device", (Mode)0644 | FileType.CharacterDevice, 0x103).Ok();
            link("fifo", "fifo2").Ok();
            link("socket", "socket2").Ok();
            link("device", "device2").Ok();
            Lstat("device2").Links.Is(2);
        } },
        { "links a symlink itself; linkat(AT_SYMLINK_FOLLOW) what it leads to", () =>
        {
            File("f");
            symlink("f", "s").Ok();
            link("s", "same").Ok();
            linkat(AT_FDCWD, "s", AT_FDCWD, "followed", AT_SYMLINK_FOLLOW).Ok();
            Lstat("same").Type.Is(FileType.Symlink);
            Lstat("followed").Inode.Is(Stat("f").Inode);
        } },
        { "linkat(AT_EMPTY_PATH) links an open file", () =>
        {
            File("f");
            int fd = open("f", O_RDONLY).Ok();
            linkat(fd, "", AT_FDCWD, "g", AT_EMPTY_PATH).Ok();
            Stat("g").Inode.Is(Stat("f").Inode);
        } },
        { "ENOENT: linkat of an open file that has no name any more", () =>
        {
            File("f");
            int fd = open("f", O_RDONLY).Ok();
            unlink("f").Ok();
            linkat(fd, "", AT_FDCWD, "g", AT_EMPTY_PATH).Fails(ENOENT);
        } },
        { "EEXIST: the new name is there, as anything", () =>
        {
            File("a");
            File("b");
            Directory("d");
            symlink("nowhere", "s").Ok();
            link("a", "b").Fails(EEXIST);
            link("a", "d").Fails(EEXIST);
            link("a", "s").Fails(EEXIST);
            link("a", "a").Fails(EEXIST);
        } },
        { "EPERM: a directory", () =>
        {
            Directory("d");
            link("d", "e").Fails(EPERM);
        } },
        { "ENOENT: no such file, no such directory", () =>
        {
            link("a", "b").Fails(ENOENT);
            File("a");
            link("a", "d/b").Fails(ENOENT);
        } },
        { "ENOTDIR: a file on the way", () =>
        {
            File("f");
            link("f", "f/x").Fails(ENOTDIR);
            link("f/x", "y").Fails(ENOTDIR);
        } },
        { "ENAMETOOLONG: a name of 256 bytes", () =>
        {
            File("f");
            link("f", Long(NAME_MAX + 1)).Fails(ENAMETOOLONG);
            link(Long(NAME_MAX + 1), "g").Fails(ENAMETOOLONG);
        } },
        { "ELOOP: a symlink to itself on the way", () =>
        {
            symlink("loop", "loop").Ok();
            File("f");
            link("loop/x", "g").Fails(ELOOP);
            link("f", "loop/x").Fails(ELOOP);
        } },
        { "EACCES: the directory may not be written", () =>
        {
            File("f", "", 0666, Bob);
            Directory("d");
            As(Bob, () => link("f", "d/g").Fails(EACCES));
        } },
        { "EXDEV: another file system", () =>
        {
            link("/proc/self/status", "f").Fails(EXDEV);
        } },
        { "ENOENT: into a directory that was removed", () =>
        {
            File("f");
            Directory("d");
            int d = open("d", O_RDONLY | O_DIRECTORY).Ok();
            rmdir("d").Ok();
            linkat(AT_FDCWD, "f", d, "g", 0).Fails(ENOENT);
        } },
    };

    public static readonly Group Unlink = new("unlink")
    {
        { "removes a name; the last one removes the file", () =>
        {
            File("a", "text");
            link("a", "b").Ok();
            unlink("a").Ok();
            Stat("b").Links.Is(1);
            Content("b").Is("text");
            unlink("b").Ok();
            Names(".").Are();
        } },
        { "removes fifos, sockets, devices, and a symlink itself", () =>
        {
            File("f");
            mkfifo("fifo", 0644).Ok();
            mknod("socket", (Mode)0644 | FileType.Socket, 0).Ok();
            mknod("device", (Mode)0644 | FileType.BlockDevice, 0x700).Ok();
            symlink("f", "link").Ok();
            unlink("fifo").Ok();
            unlink("socket").Ok();
            unlink("device").Ok();
            unlink("link").Ok();
            Names(".").Are("f");
        } },
        { "an open file without a name is read, written, cut, and has no links", () =>
        {
            File("f", "text");
            int fd = open("f", O_RDWR).Ok();
            unlink("f").Ok();
            Stat(fd).Links.Is(0);
            WriteAt(fd, "more", 4);
            ReadAt(fd, 100, 0).Is("textmore");
            ftruncate(fd, 2).Ok();
            Stat(fd).Size.Is(2);
            fchmod(fd, 0600).Ok();
            fsync(fd).Ok();
        } },
        { "the name can be used again while the old file is open", () =>
        {
            File("f", "old");
            int fd = open("f", O_RDONLY).Ok();
            unlink("f").Ok();
            File("f", "new");
            ReadAt(fd, 10, 0).Is("old");
            Content("f").Is("new");
        } },
        { "sets ctime of a file that has other names, mtime and ctime of the directory", () =>
        {
            Directory("d");
            File("d/a");
            link("d/a", "b").Ok();
            Sets("b", Times.Change, () => Sets("d", Times.Modify | Times.Change, () => unlink("d/a").Ok()));
        } },
        { "ENOENT: no such name", () => unlink("f").Fails(ENOENT) },
        { "ENOTDIR: a file on the way, or a slash after its name", () =>
        {
            File("f");
            unlink("f/x").Fails(ENOTDIR);
            unlink("f/").Fails(ENOTDIR);
        } },
        { "EISDIR: a directory", () =>
        {
            Directory("d");
            unlink("d").Fails(EISDIR);
        } },
        { "ENAMETOOLONG: a name of 256 bytes", () => unlink(Long(NAME_MAX + 1)).Fails(ENAMETOOLONG) },
        { "ELOOP: a symlink to itself on the way", () =>
        {
            symlink("loop", "loop").Ok();
            unlink("loop/x").Fails(ELOOP);
        } },
        { "EACCES: the directory may not be written, whoever owns the file", () =>
        {
            Directory("d");
            File("d/f", "", 0666, Bob);
            As(Bob, () => unlink("d/f").Fails(EACCES));
        } },
        { "the file's own permissions do not matter", () =>
        {
            Directory("d", 0777);
            File("d/f", "", 0000, Alice);
            As(Bob, () => unlink("d/f").Ok());
        } },
    };

    public static readonly Group Symlink = new("symlink")
    {
        { "keeps its target as it is, whether it is there or not", () =>
        {
            symlink("no/such//../thing/", "s").Ok();
            Target("s").Is("no/such//../thing/");
            Stat s = Lstat("s");
            s.Type.Is(FileType.Symlink);
            s.Mode.Is(0777);
            s.Size.Is("no/such//../thing/".Length);
            s.Links.Is(1);
        } },
        { "a target of 4095 bytes", () =>
        {
            symlink(Long(PATH_MAX - 1, 't'), "s").Ok();
            Target("s").Is(Long(PATH_MAX - 1, 't'));
            Lstat("s").Size.Is(PATH_MAX - 1);
        } },
        { "ENAMETOOLONG: a target of 4096 bytes, a name of 256", () =>
        {
            symlink(Long(PATH_MAX, 't'), "s").Fails(ENAMETOOLONG);
            symlink("t", Long(NAME_MAX + 1)).Fails(ENAMETOOLONG);
        } },
        { "a target of any bytes", () =>
        {
            symlink("\xff\xfe \n\x01", "s").Ok();
            Target("s").Is("\xff\xfe \n\x01");
        } },
        { "belongs to who makes it, without regard to the umask", () =>
        {
            chmod(".", 0777).Ok();
            WithUmask(0077, () => As(Alice, () => symlink("t", "s").Ok()));
            Stat s = Lstat("s");
            (s.Uid, s.Gid, s.Mode).Is((Alice.Uid, Alice.Gid, (Mode)0777));
        } },
        { "sets mtime and ctime of the directory", () =>
        {
            Directory("d");
            Sets("d", Times.Modify | Times.Change, () => symlink("t", "d/s").Ok());
        } },
        { "leads relative to where it lies, and through others", () =>
        {
            Directory("d");
            File("d/f", "text");
            symlink("f", "d/s").Ok();
            symlink("d/s", "t").Ok();
            Content("t").Is("text");
        } },
        { "40 symlinks on the way lead there, 41 do not: ELOOP", () =>
        {
            File("s0", "text");
            for (int i = 1; i <= 41; i++)
            {
                symlink($"s{i - 1}", $"s{i}").Ok();
            }

            Content("s40").Is("text");
            open("s41", O_RDONLY).Fails(ELOOP);
        } },
        { "EEXIST: the name is there, even as a symlink that leads nowhere", () =>
        {
            symlink("nowhere", "s").Ok();
            symlink("t", "s").Fails(EEXIST);
            Target("s").Is("nowhere");
        } },
        { "ENOENT: an empty target, no such directory", () =>
        {
            symlink("", "s").Fails(ENOENT);
            symlink("t", "d/s").Fails(ENOENT);
        } },
        { "ENOTDIR: a file on the way", () =>
        {
            File("f");
            symlink("t", "f/s").Fails(ENOTDIR);
        } },
        { "ELOOP: a symlink to itself on the way", () =>
        {
            symlink("loop", "loop").Ok();
            symlink("t", "loop/x").Fails(ELOOP);
        } },
        { "EACCES: the directory may not be written", () =>
        {
            Directory("d");
            As(Bob, () => symlink("t", "d/s").Fails(EACCES));
        } },
        { "a slash behind its name leads to the target", () =>
        {
            Directory("d");
            symlink("d", "s").Ok();
            lstat("s/").Ok();
            Lstat("s/").Type.Is(FileType.Directory);
        } },
    };

    public static readonly Group Readlink = new("readlink")
    {
        { "is cut to the buffer", () =>
        {
            symlink("abcdef", "s").Ok();
            byte[] buffer = new byte[3];
            readlink("s", buffer, 3).Is(3);
            Text(buffer).Is("abc");
        } },
        { "EINVAL: no symlink, or no buffer", () =>
        {
            File("f");
            Directory("d");
            symlink("f", "s").Ok();
            readlink("f", new byte[10], 10).Fails(EINVAL);
            readlink("d", new byte[10], 10).Fails(EINVAL);
            readlink("s", new byte[1], 0).Fails(EINVAL);
        } },
        { "ENOENT: no such name", () => readlink("s", new byte[10], 10).Fails(ENOENT) },
        { "ENOTDIR: a file on the way", () =>
        {
            File("f");
            readlink("f/s", new byte[10], 10).Fails(ENOTDIR);
        } },
        { "ELOOP, ENAMETOOLONG", () =>
        {
            symlink("loop", "loop").Ok();
            readlink("loop/x", new byte[10], 10).Fails(ELOOP);
            readlink(Long(NAME_MAX + 1), new byte[10], 10).Fails(ENAMETOOLONG);
        } },
        { "EACCES: the directory may not be searched", () =>
        {
            Directory("d", 0755);
            symlink("t", "d/s").Ok();
            chmod("d", 0644).Ok();
            As(Bob, () => readlink("d/s", new byte[10], 10).Fails(EACCES));
        } },
    };
}
