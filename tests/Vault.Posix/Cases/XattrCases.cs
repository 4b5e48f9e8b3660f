namespace Vault.Posix.Cases;

/// <summary>setxattr(2) and its relatives.</summary>
internal static class XattrCases
{
    public static readonly Group Xattr = new("xattr")
    {
        { "a value comes back as it was set", () =>
        {
            File("f");
            Set("f", "user.a", "one\0two\xff");
            Get("f", "user.a").Is("one\0two\xff");
        } },
        { "an empty value is a value", () =>
        {
            File("f");
            setxattr("f", "user.a", [], 0, 0).Ok();
            getxattr("f", "user.a", new byte[10], 10).Is(0);
            List("f").Are("user.a");
        } },
        { "setting again replaces, by a shorter and a longer value", () =>
        {
            File("f");
            Set("f", "user.a", "middle");
            Set("f", "user.a", "s");
            Get("f", "user.a").Is("s");
            Set("f", "user.a", Long(2000));
            Get("f", "user.a").Is(Long(2000));
        } },
        { "many names on one file", () =>
        {
            File("f");
            string[] names = [.. Enumerable.Range(0, 50).Select(i => $"user.name-{i:D2}")];
            foreach (string name in names)
            {
                Set("f", name, name);
            }

            List("f").Are(names);
            foreach (string name in names)
            {
                Get("f", name).Is(name);
            }
        } },
        { "removexattr removes one", () =>
        {
            File("f");
            Set("f", "user.a", "1");
            Set("f", "user.b", "2");
            removexattr("f", "user.a").Ok();
            List("f").Are("user.b");
            getxattr("f", "user.a", new byte[10], 10).Fails(ENODATA);
        } },
        { "on directories, and through descriptors", () =>
        {
            Directory("d");
            Set("d", "user.a", "1");
            int fd = open("d", O_RDONLY).Ok();
            byte[] value = new byte[10];
            fgetxattr(fd, "user.a", value, 10).Is(1);
            fsetxattr(fd, "user.a", "22"u8, 2, XATTR_REPLACE).Ok();
            Get("d", "user.a").Is("22");
        } },
        { "listxattr: ERANGE: a buffer too small; a size of 0 asks for the length", () =>
        {
            File("f");
            Set("f", "user.abc", "1");
            int length = listxattr("f", default, 0).Ok();
            True(length >= 9);
            listxattr("f", new byte[100], (nuint)length - 1).Fails(ERANGE);
            listxattr("f", new byte[100], (nuint)length).Is(length);
        } },
        { "a name with slashes", () =>
        {
            File("f");
            Set("f", "user.a/b/", "1");
            Get("f", "user.a/b/").Is("1");
        } },
        { "stays with the file over rename, link and chmod", () =>
        {
            File("a");
            Set("a", "user.a", "1");
            link("a", "b").Ok();
            rename("a", "c").Ok();
            chmod("c", 0600).Ok();
            (Get("b", "user.a"), Get("c", "user.a")).Is(("1", "1"));
        } },
        { "XATTR_CREATE: EEXIST if it is there", () =>
        {
            File("f");
            setxattr("f", "user.a", "1"u8, 1, XATTR_CREATE).Ok();
            setxattr("f", "user.a", "2"u8, 1, XATTR_CREATE).Fails(EEXIST);
            Get("f", "user.a").Is("1");
        } },
        { "XATTR_REPLACE: ENODATA if it is not", () =>
        {
            File("f");
            setxattr("f", "user.a", "1"u8, 1, XATTR_REPLACE).Fails(ENODATA);
            List("f").Are();
        } },
        { "EINVAL: unknown flags", () =>
        {
            File("f");
            setxattr("f", "user.a", "1"u8, 1, 4).Fails(EINVAL);
        } },
        { "ENODATA: no such attribute", () =>
        {
            File("f");
            getxattr("f", "user.a", new byte[10], 10).Fails(ENODATA);
            removexattr("f", "user.a").Fails(ENODATA);
        } },
        { "a size of 0 asks for the length; ERANGE: a buffer too small", () =>
        {
            File("f");
            Set("f", "user.abc", "12345");
            getxattr("f", "user.abc", [], 0).Is(5);
            getxattr("f", "user.abc", new byte[4], 4).Fails(ERANGE);
            listxattr("f", [], 0).Is("user.abc\0".Length);
            listxattr("f", new byte[4], 4).Fails(ERANGE);
        } },
        { "a name of 255 bytes; ERANGE: 256 or none", () =>
        {
            File("f");
            string name = "user." + Long(NAME_MAX - 5);
            Set("f", name, "1");
            Get("f", name).Is("1");
            List("f").Are(name);
            setxattr("f", name + "x", "1"u8, 1, 0).Fails(ERANGE);
            setxattr("f", "", "1"u8, 1, 0).Fails(ERANGE);
        } },
        { "E2BIG: a value of more than 64 KiB", () =>
        {
            File("f");
            setxattr("f", "user.a", new byte[65537], 65537, 0).Fails(E2BIG);
        } },
        { "EOPNOTSUPP: a namespace that there is not", () =>
        {
            File("f");
            setxattr("f", "nonsense.a", "1"u8, 1, 0).Fails(EOPNOTSUPP);
            getxattr("f", "nonsense.a", new byte[10], 10).Fails(EOPNOTSUPP);
            setxattr("f", "noprefix", "1"u8, 1, 0).Fails(EOPNOTSUPP);
        } },
        { "EPERM: user attributes of symlinks, fifos, sockets and devices", () =>
        {
            symlink("t", "s").Ok();
            mkfifo("p", 0644).Ok();
            mknod("c", (Mode)0644 | FileType.CharacterDevice, 0x103).Ok();
            lsetxattr("s", "user.a", "1"u8, 1, 0).Fails(EPERM);
            setxattr("p", "user.a", "1"u8, 1, 0).Fails(EPERM);
            setxattr("c", "user.a", "1"u8, 1, 0).Fails(EPERM);
        } },
        { "trusted attributes of symlinks and fifos", () =>
        {
            symlink("t", "s").Ok();
            lsetxattr("s", "trusted.a", "1"u8, 1, 0).Ok();
            byte[] value = new byte[10];
            lgetxattr("s", "trusted.a", value, 10).Is(1);
        } },
        { "user attributes need permission for the file: EACCES", () =>
        {
            File("f", "", 0640, Alice);
            Set("f", "user.a", "1");
            As(Bob, () =>
            {
                getxattr("f", "user.a", new byte[10], 10).Fails(EACCES);
                setxattr("f", "user.a", "2"u8, 1, 0).Fails(EACCES);
            });
            As(Carol, () =>
            {
                getxattr("f", "user.a", new byte[10], 10).Is(1);
                setxattr("f", "user.a", "2"u8, 1, 0).Fails(EACCES);
                removexattr("f", "user.a").Fails(EACCES);
            });
            As(Alice, () => setxattr("f", "user.a", "3"u8, 1, 0).Ok());
        } },
        { "user attributes of a sticky directory: the owner's alone (EPERM)", () =>
        {
            Directory("sticky", 01777, Alice);
            As(Bob, () => setxattr("sticky", "user.a", "1"u8, 1, 0).Fails(EPERM));
            As(Alice, () => setxattr("sticky", "user.a", "1"u8, 1, 0).Ok());
        } },
        { "trusted attributes are root's: others neither set nor see them", () =>
        {
            File("f", "", 0666, Alice);
            Set("f", "trusted.a", "1");
            Get("f", "trusted.a").Is("1");
            As(Alice, () =>
            {
                setxattr("f", "trusted.a", "2"u8, 1, 0).Fails(EPERM);
                getxattr("f", "trusted.a", new byte[10], 10).Fails(ENODATA);
            });
        } },
        { "a file capability is kept, and gone after a write or a chown", () =>
        {
            // struct vfs_cap_data, version 2, cap_net_raw permitted and effective.
            byte[] capability = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            File("f", "text", 0777);
            setxattr("f", "security.capability", capability, 20, 0).Ok();
            getxattr("f", "security.capability", new byte[20], 20).Is(20);
            As(Bob, () => Write(open("f", O_WRONLY).Ok(), "x"));
            getxattr("f", "security.capability", new byte[20], 20).Fails(ENODATA);
            setxattr("f", "security.capability", capability, 20, 0).Ok();
            chown("f", 1, 1).Ok();
            getxattr("f", "security.capability", new byte[20], 20).Fails(ENODATA);
        } },
        { "EPERM: an ordinary user sets a file capability", () =>
        {
            File("f", "", 0777, Alice);
            byte[] capability = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            As(Alice, () => setxattr("f", "security.capability", capability, 20, 0).Fails(EPERM));
        } },
        { "ENOENT, ENOTDIR, ELOOP, EBADF", () =>
        {
            File("f");
            symlink("loop", "loop").Ok();
            setxattr("none", "user.a", "1"u8, 1, 0).Fails(ENOENT);
            getxattr("f/x", "user.a", new byte[1], 1).Fails(ENOTDIR);
            listxattr("loop", new byte[1], 1).Fails(ELOOP);
            fgetxattr(-1, "user.a", new byte[1], 1).Fails(EBADF);
        } },
    };

    /// <summary>ext4 has room for one block of attributes; the limits of Linux are those of tmpfs and of a vault.</summary>
    public static readonly Group LargeXattr = new("xattr, large") { Only = [FileSystemKind.Tmpfs, FileSystemKind.Fuse] };

    static XattrCases()
    {
        LargeXattr.Add("a value of 64 KiB", () =>
        {
            File("f");
            string value = string.Concat(Enumerable.Range(0, 8192).Select(i => $"{i:D8}"));
            Set("f", "user.a", value);
            (Get("f", "user.a") == value).Is(true);
            Set("f", "user.a", "small");
            Get("f", "user.a").Is("small");
        });
        ManyXattrs.Add("as many names as can be listed, and then ENOSPC", () =>
        {
            const int Most = 65536 / 256;
            File("f");
            for (int i = 0; i < Most; i++)
            {
                Set("f", $"user.{i:D250}", "");
            }

            setxattr("f", $"user.{Most:D250}", [], 0, 0).Fails(ENOSPC);
            listxattr("f", new byte[65536], 65536).Is(65536);
            removexattr("f", $"user.{0:D250}").Ok();
            Set("f", $"user.{Most:D250}", "");
        });
    }

    /// <summary>listxattr(2) has room for 64 KiB of names. ext4 keeps fewer, tmpfs more than can be listed.</summary>
    public static readonly Group ManyXattrs = new("xattr, many") { Only = [FileSystemKind.Fuse] };

    private static void Set(string path, string name, string value) => setxattr(path, name, Bytes(value), (nuint)value.Length, 0).Ok($"setting {name}");

    private static string Get(string path, string name)
    {
        byte[] value = new byte[65536];
        return Text(value.AsSpan(0, getxattr(path, name, value, (nuint)value.Length).Ok($"getting {name}")));
    }

    /// <summary>Names, sorted, without those that a security module sets by itself.</summary>
    private static string[] List(string path)
    {
        byte[] names = new byte[65536];
        int length = listxattr(path, names, (nuint)names.Length).Ok();
        return [.. Text(names.AsSpan(0, length)).Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Where(name => name != "security.selinux").Order(StringComparer.Ordinal)];
    }
}
