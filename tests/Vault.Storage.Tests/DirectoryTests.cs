using System.Text;
using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class DirectoryTests : IDisposable
{
    private readonly MemoryMedium _medium;
    private readonly MasterKey _master;
    private readonly VaultFileSystem _fileSystem;

    public DirectoryTests()
    {
        _medium = TestVault.Create(out _master);
        _fileSystem = TestVault.Open(_medium, _master, options: TestVault.Quiet with { CommitInterval = TimeSpan.FromMilliseconds(20) });
    }

    public void Dispose() => _fileSystem.Dispose();

    // Goal: a listing in pieces shows each entry that is there all along exactly once, whatever comes and goes meanwhile.
    // Method: one thread creates, renames and removes names; this one lists a few entries at a time.
    [Fact]
    public void Cookies_hold_while_entries_come_and_go()
    {
        HashSet<string> stable = [.. Enumerable.Range(0, 700).Select(i => $"stable{i}")];
        foreach (string name in stable)
            _fileSystem.CreateFile(name);
        using CancellationTokenSource stop = new();
        Thread changer = new(() => ComeAndGo(stop.Token));
        changer.Start();
        try
        {
            for (int round = 0; round < 40; round++)
            {
                List<string> seen = [];
                foreach ((string name, _) in ListInPieces(1 + (round * 3)))
                    seen.Add(name);
                List<string> seenStable = seen.FindAll(stable.Contains);
                Assert.Equal(stable.Count, seenStable.Count);
                Assert.Equal(stable, [.. seenStable]);
            }
        }
        finally
        {
            stop.Cancel();
            changer.Join();
        }
    }

    // Goal: any cookie can be gone back to, also one whose entry is gone; cookies are positive and fit lseek(2).
    [Fact]
    public void A_listing_goes_on_from_any_cookie()
    {
        for (int i = 0; i < 100; i++)
            _fileSystem.CreateFile($"f{i}");
        List<(string Name, ulong Cookie)> all = [.. ListInPieces(1000)];
        Assert.Equal(102, all.Count);
        Assert.Equal(102, all.Select(e => e.Cookie).Distinct().Count());
        Assert.All(all, e => Assert.InRange(e.Cookie, 1UL, (ulong)long.MaxValue));
        for (int i = 0; i < all.Count; i++)
            Assert.Equal(all.Skip(i + 1), ListFrom(all[i].Cookie, 1000));
        Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, all[50].Name.Utf8()));
        Assert.Equal(all.Skip(51), ListFrom(all[50].Cookie, 1000));
        Assert.Empty(ListFrom(ulong.MaxValue, 1000));
        Assert.Empty(ListFrom(long.MaxValue, 1000));
    }

    // Goal: names with one hash live beside each other, each under a number that never changes, up to 128 of them.
    // Method: the table itself, with hashes made equal.
    [Fact]
    public void Names_of_one_hash_keep_their_cookies()
    {
        using TestUnits units = new();
        DirectoryTable table = new(units.Tree, units.Cipher);
        InodeNumber directory = new(5);
        Dictionary<string, ulong> items = [];
        for (int i = 0; i < 128; i++)
            items.Add($"name{i}", Put(table, directory, $"name{i}", new InodeNumber((ulong)i + 10)));
        Assert.Equal(128, items.Values.Distinct().Count());
        Assert.False(table.TryFind(directory, Colliding("one more"u8), out _, out ulong free));
        Assert.Equal(0UL, free);
        for (int i = 0; i < 128; i += 3)
        {
            table.Remove(directory, items[$"name{i}"]);
            items.Remove($"name{i}");
        }

        foreach ((string name, ulong item) in items)
        {
            Assert.True(table.TryFind(directory, Colliding(name.Utf8()), out DirectoryEntry entry));
            Assert.Equal(item, entry.Item);
            Assert.Equal($"name{entry.Inode.Value - 10}", name);
        }

        Assert.Equal(Colliding("again"u8).FirstItem, Put(table, directory, "again", new InodeNumber(500)));
        Assert.False(table.TryFind(new InodeNumber(6), Colliding("name1"u8), out _, out free));
        Assert.Equal(Colliding("name1"u8).FirstItem, free);
    }

    // Goal: a file has at most 65,000 names, as on ext4; directories are not limited by their subdirectories, as on ext4.
    // Method: one name more of a file; more subdirectories than that, one of them moved in.
    [Fact]
    public void Only_names_of_files_are_limited()
    {
        const int most = 65_000;
        InodeNumber file = _fileSystem.CreateFile("file");
        InodeNumber directory = _fileSystem.CreateDirectory("directory");
        for (int i = 1; i < most; i++)
            Assert.Equal(Errno.None, _fileSystem.Link(file, directory, $"link{i}".Utf8(), out _));
        Assert.Equal(Errno.EMLINK, _fileSystem.Link(file, directory, "one more"u8, out _));
        Assert.Equal(Errno.None, _fileSystem.Unlink(directory, "link7"u8));
        Assert.Equal(Errno.None, _fileSystem.Link(file, directory, "in its place"u8, out InodeAttributes linked));
        Assert.Equal((uint)most, linked.LinkCount);

        InodeNumber parent = _fileSystem.CreateDirectory("parent");
        for (int i = 0; i < most; i++)
            _fileSystem.CreateDirectory($"{i}", parent);
        Assert.Equal(Errno.None, _fileSystem.Rename(InodeNumber.Root, "directory"u8, parent, "moved"u8, RenameMode.Replace));
        Assert.Equal((uint)most + 3, _fileSystem.Stat(parent).LinkCount);
    }

    // Goal: "." and ".." are nobody's to name, and a directory's links and group follow POSIX.
    [Fact]
    public void Dots_links_and_groups()
    {
        InodeNumber a = _fileSystem.CreateDirectory("a");
        InodeNumber b = _fileSystem.CreateDirectory("b");
        foreach (string dots in (string[])[".", ".."])
        {
            Assert.Equal(Errno.EBUSY, _fileSystem.Rename(InodeNumber.Root, "a"u8, b, dots.Utf8(), RenameMode.Replace));
            Assert.Equal(Errno.EBUSY, _fileSystem.Rename(a, dots.Utf8(), b, "c"u8, RenameMode.Replace));
            Assert.Equal(Errno.EEXIST, _fileSystem.CreateNode(a, dots.Utf8(), ModeBits.RegularFile, 0, 0, 0, out _));
            Assert.NotEqual(Errno.None, _fileSystem.Unlink(a, dots.Utf8()));
            Assert.NotEqual(Errno.None, _fileSystem.RemoveDirectory(a, dots.Utf8()));
        }

        Assert.Equal(4u, _fileSystem.Stat(InodeNumber.Root).LinkCount);
        Assert.Equal(Errno.None, _fileSystem.Rename(InodeNumber.Root, "a"u8, b, "a"u8, RenameMode.Replace));
        Assert.Equal(3u, _fileSystem.Stat(InodeNumber.Root).LinkCount);
        Assert.Equal(3u, _fileSystem.Stat(b).LinkCount);
        Assert.Equal(Errno.None, _fileSystem.Lookup(a, ".."u8, out InodeAttributes parent));
        Assert.Equal(b, parent.Inode);

        AttributeChange change = new() { Fields = AttributeChanges.Mode | AttributeChanges.GroupId, Mode = ModeBits.SetGroupId | 0x1ED, GroupId = 77 };
        Assert.Equal(Errno.None, _fileSystem.SetAttributes(a, change, out _));
        Assert.Equal(Errno.None, _fileSystem.CreateNode(a, "file"u8, ModeBits.RegularFile | 0x1A4, 1, 2, 0, out InodeAttributes file));
        Assert.Equal(Errno.None, _fileSystem.CreateNode(a, "directory"u8, ModeBits.Directory | 0x1ED, 1, 2, 0, out InodeAttributes directory));
        Assert.Equal((77u, 0x1A4u), (file.GroupId, file.Mode & ModeBits.PermissionMask));
        Assert.Equal((77u, ModeBits.SetGroupId | 0x1EDu), (directory.GroupId, directory.Mode & ModeBits.PermissionMask));
    }

    private static HashedName Colliding(ReadOnlySpan<byte> name) => new(name, 77 << 7);

    private static ulong Put(DirectoryTable table, InodeNumber directory, string name, InodeNumber inode)
    {
        Assert.False(table.TryFind(directory, Colliding(name.Utf8()), out _, out ulong item));
        table.Put(directory, item, Colliding(name.Utf8()), inode, ModeBits.RegularFile);
        return item;
    }

    private void ComeAndGo(CancellationToken stop)
    {
        Random random = new(1);
        while (!stop.IsCancellationRequested)
        {
            byte[] name = $"passing{random.Next(300)}".Utf8();
            switch (random.Next(3))
            {
                case 0:
                    _ = _fileSystem.CreateNode(InodeNumber.Root, name, ModeBits.RegularFile, 0, 0, 0, out _);
                    break;
                case 1:
                    _ = _fileSystem.Unlink(InodeNumber.Root, name);
                    break;
                default:
                    _ = _fileSystem.Rename(InodeNumber.Root, name, InodeNumber.Root, $"passing{random.Next(300)}".Utf8(), RenameMode.Replace);
                    break;
            }
        }
    }

    private IEnumerable<(string Name, ulong Cookie)> ListInPieces(int pieceSize)
    {
        ulong cookie = 0;
        while (true)
        {
            List<(string Name, ulong Cookie)> piece = ListFrom(cookie, pieceSize);
            if (piece.Count == 0)
                yield break;
            foreach ((string Name, ulong Cookie) entry in piece)
                yield return entry;
            cookie = piece[^1].Cookie;
        }
    }

    private List<(string Name, ulong Cookie)> ListFrom(ulong cookie, int count)
    {
        PieceSink sink = new(count);
        Assert.Equal(Errno.None, _fileSystem.ReadDirectory(InodeNumber.Root, cookie, withAttributes: false, ref sink));
        return sink.Entries;
    }

    private readonly struct PieceSink(int count) : IDirectorySink
    {
        public List<(string Name, ulong Cookie)> Entries { get; } = [];

        public bool TryAdd(ulong cookie, ReadOnlySpan<byte> name, in InodeAttributes attributes)
        {
            if (Entries.Count == count)
                return false;
            Entries.Add((Encoding.UTF8.GetString(name), cookie));
            return true;
        }
    }
}
