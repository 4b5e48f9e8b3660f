namespace Vault.Posix.Cases;

/// <summary>What names may be, and the limits of names, paths and links.</summary>
internal static class NameCases
{
    public static readonly Group Names = new("names")
    {
        { "255 bytes", () =>
        {
            string name = Long(NAME_MAX);
            File(name, "text");
            Content(name).Is("text");
            Shorthand.Names(".").Are(name);
            mkdir(Long(NAME_MAX, 'd'), 0755).Ok();
            symlink("t", Long(NAME_MAX, 's')).Ok();
        } },
        { "every byte but '/' and NUL", () =>
        {
            for (int i = 1; i < 256; i++)
            {
                if (i is not '/' and not '.')
                {
                    File(((char)i).ToString());
                }
            }

            Shorthand.Names(".").Length.Is(253);
            stat("\xff").Ok();
            stat("\n").Ok();
        } },
        { "invalid UTF-8 comes back as it was", () =>
        {
            File("\xc3\x28-\xff\xfe\x80");
            Shorthand.Names(".").Are("\xc3\x28-\xff\xfe\x80");
        } },
        { "no case folding, no normalization: one name a sequence of bytes", () =>
        {
            File("a");
            File("A");
            File("\xc3\xa9");
            File("e\xcc\x81");
            Shorthand.Names(".").Length.Is(4);
        } },
        { "dots and spaces at the ends, dashes, three dots", () =>
        {
            string[] names = [" ", " a ", "-rf", "...", "a.", ".a", "..a", "~"];
            foreach (string name in names)
            {
                File(name);
            }

            Shorthand.Names(".").Are([.. names.Order(StringComparer.Ordinal)]);
        } },
        { "a path of 4095 bytes; ENAMETOOLONG: 4096", () =>
        {
            File("f", "text");
            string path = string.Concat(Enumerable.Repeat("./", 2047)) + "f";
            path.Length.Is(PATH_MAX - 1);
            Content(path).Is("text");
            stat("/" + path).Fails(ENAMETOOLONG);
        } },
        { "deeper than any path, through openat", () =>
        {
            int directory = open(".", O_RDONLY | O_DIRECTORY).Ok();
            string name = Long(200, 'd');
            for (int i = 0; i < 30; i++)
            {
                mkdirat(directory, name, 0755).Ok();
                directory = openat(directory, name, O_RDONLY | O_DIRECTORY).Ok();
            }

            Write(openat(directory, "f", O_WRONLY | O_CREAT, 0644).Ok(), "deep");
            ReadAt(openat(directory, "f", O_RDONLY).Ok(), 10, 0).Is("deep");
            Stat(directory).Type.Is(FileType.Directory);
        } },
        { "10,000 names in one directory are all found", () =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                mknod($"name-{i}", (Mode)0644 | FileType.Regular, 0).Ok();
            }

            for (int i = 0; i < 10_000; i += 97)
            {
                stat($"name-{i}").Ok();
            }

            stat("name-10000").Fails(ENOENT);
            Shorthand.Names(".").Length.Is(10_000);
        } },
        { "1,000 links to one file", () =>
        {
            File("f");
            for (int i = 0; i < 999; i++)
            {
                link("f", $"l{i}").Ok();
            }

            Stat("f").Links.Is(1000);
        } },
        { "1,000 directories in one: as many links", () =>
        {
            for (int i = 0; i < 1000; i++)
            {
                mkdir($"d{i}", 0755).Ok();
            }

            Stat(".").Links.Is(1002);
        } },
        { "'.' and '..' and doubled slashes lead where they should", () =>
        {
            Directory("d");
            File("f", "text");
            Content("d/.././/d//../f").Is("text");
        } },
        { "the parent of a directory that was moved", () =>
        {
            Directory("a");
            Directory("a/b");
            Directory("c");
            File("c/f", "text");
            int b = open("a/b", O_RDONLY | O_DIRECTORY).Ok();
            rename("a/b", "c/b").Ok();
            ReadAt(openat(b, "../f", O_RDONLY).Ok(), 10, 0).Is("text");
        } },
    };

    public static readonly Group Search = new("path search")
    {
        { "execute permission leads through a directory, read permission alone does not", () =>
        {
            Directory("search", 0711);
            File("search/f", "text");
            Directory("list", 0755);
            File("list/f");
            chmod("list", 0744).Ok();
            As(Bob, () =>
            {
                Content("search/f").Is("text");
                stat("list/f").Fails(EACCES);
                open("list", O_RDONLY | O_DIRECTORY).Ok();
            });
        } },
        { "each directory on the way counts, with the bits of owner, group or others", () =>
        {
            Directory("a", 0755, Alice);
            Directory("a/b", 0755, Alice);
            File("a/b/f", "text");
            chmod("a/b", 0010).Ok();
            As(Carol, () => Content("a/b/f").Is("text"));
            As(Dave, () => Content("a/b/f").Is("text"));
            As(Alice, () => stat("a/b/f").Fails(EACCES));
            As(Bob, () => stat("a/b/f").Fails(EACCES));
        } },
        { "a descriptor keeps its access when a directory on the way is closed", () =>
        {
            Directory("d", 0755);
            File("d/f", "text", 0666);
            As(Bob, () =>
            {
                int fd = open("d/f", O_RDWR).Ok();
                Shared.Descriptor = fd;
            });
            chmod("d", 0700).Ok();
            As(Bob, () =>
            {
                ReadAt(Shared.Descriptor, 4, 0).Is("text");
                stat("d/f").Fails(EACCES);
            });
        } },
        { "permission is looked up again after a chmod, though the kernel has cached the path", () =>
        {
            Directory("d", 0755);
            File("d/f", "text");
            As(Bob, () => Content("d/f").Is("text"));
            chmod("d", 0700).Ok();
            As(Bob, () => open("d/f", O_RDONLY).Fails(EACCES));
            chmod("d", 0755).Ok();
            As(Bob, () => Content("d/f").Is("text"));
        } },
    };

    private static class Shared
    {
        public static int Descriptor { get; set; }
    }
}
