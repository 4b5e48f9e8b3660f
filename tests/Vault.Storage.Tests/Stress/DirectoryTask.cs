namespace Vault.Storage.Tests;

/// <summary>
/// Two directories in which names come, move and go. A listing, taken in pieces meanwhile, shows no name twice and all names
/// that are there throughout; a file that moves is in one of the two at the end.
/// </summary>
internal sealed class DirectoryTask(VaultFileSystem fileSystem, InodeNumber[] directories, int thread, int threads) : StressTask(fileSystem)
{
    private const int PermanentCount = 100;
    private const int MovingCount = 40;

    public static void CreateAll(VaultFileSystem fileSystem, InodeNumber[] directories)
    {
        foreach (InodeNumber directory in directories)
        {
            for (int i = 0; i < PermanentCount; i++)
                fileSystem.Forget(fileSystem.CreateFile($"permanent{i}", directory), 1);
        }

        for (int i = 0; i < MovingCount; i++)
            fileSystem.Forget(fileSystem.CreateFile($"moving{i}", directories[0]), 1);
    }

    public override void CheckAtEnd(VaultFileSystem opened)
    {
        List<string> names = [.. directories.SelectMany(d => List(opened, d, int.MaxValue))];
        for (int i = 0; i < MovingCount; i++)
            Assert.Single(names, $"moving{i}");
    }

    protected override void StepCore(Random random)
    {
        InodeNumber directory = directories[random.Next(directories.Length)];
        byte[] passing = $"passing{random.Next(100)}".Utf8();
        switch (random.Next(8))
        {
            case 0:
                Doing = "listing";
                List<string> names = List(FileSystem, directory, 1 + random.Next(20));
                Assert.Equal(names.Count, names.Distinct().Count());
                for (int i = 0; i < PermanentCount; i++)
                    Assert.Contains($"permanent{i}", names);
                break;
            case 1 or 2:
                Doing = "creating a passing name";
                OneOf(FileSystem.CreateNode(directory, passing, ModeBits.RegularFile | 0x1A4, 0, 0, 0, out InodeAttributes created), Errno.EEXIST);
                FileSystem.Forget(created.Inode, 1);
                break;
            case 3 or 4:
                Doing = "removing a passing name";
                OneOf(FileSystem.Unlink(directory, passing), Errno.ENOENT);
                break;
            case 5:
                Doing = "renaming passing names";
                OneOf(FileSystem.Rename(directory, passing, directories[random.Next(directories.Length)], $"passing{random.Next(100)}".Utf8(), RenameMode.Replace), Errno.ENOENT);
                break;
            default:
                Move(random.Next(MovingCount / threads) * threads + thread, random);
                break;
        }
    }

    // Only this thread moves the file: it knows where to look.
    private void Move(int number, Random random)
    {
        Doing = "moving a file across";
        byte[] name = $"moving{number}".Utf8();
        int from = FileSystem.Lookup(directories[0], name, out InodeAttributes file) == Errno.None ? 0 : 1;
        if (from == 1)
            Succeeds(FileSystem.Lookup(directories[1], name, out file));
        RenameMode mode = random.Next(2) == 0 ? RenameMode.Replace : RenameMode.NoReplace;
        Succeeds(FileSystem.Rename(directories[from], name, directories[1 - from], name, mode));
        Assert.Equal(1u, FileSystem.Stat(file.Inode).LinkCount);
        FileSystem.Forget(file.Inode, 1);
    }

    private static void OneOf(Errno outcome, Errno also) => Assert.True(outcome == Errno.None || outcome == also, $"{outcome}");

    private static List<string> List(VaultFileSystem fileSystem, InodeNumber directory, int atOnce)
    {
        List<string> names = [];
        Piece piece;
        ulong cookie = 0;
        do
        {
            piece = new Piece(atOnce) { LastCookie = cookie };
            Succeeds(fileSystem.ReadDirectory(directory, cookie, withAttributes: true, ref piece));
            names.AddRange(piece.Names);
            cookie = piece.LastCookie;
        }
        while (piece.Names.Count > 0);
        return names;
    }

    private struct Piece(int limit) : IDirectorySink
    {
        public readonly List<string> Names = [];

        public ulong LastCookie;

        public bool TryAdd(ulong cookie, ReadOnlySpan<byte> name, in InodeAttributes attributes)
        {
            if (Names.Count == limit)
                return false;
            Assert.True(cookie > LastCookie, "Cookies do not ascend.");
            Names.Add(System.Text.Encoding.UTF8.GetString(name));
            LastCookie = cookie;
            return true;
        }
    }
}
