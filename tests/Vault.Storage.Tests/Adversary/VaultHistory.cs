using Vault.Crypto;

namespace Vault.Storage.Tests.Adversary;

/// <summary>
/// A small vault with one of everything, and all of its durable states: the image as it was then, and what could be read
/// of it. Each state differs from the one before in most of its blocks. What an adversary has who kept copies. Halfway the
/// header was changed, and a second session began.
/// </summary>
internal sealed class VaultHistory : IDisposable
{
    /// <summary>Superblocks go round the ring and a half.</summary>
    private const int StateCount = 12;

    public VaultHistory(int seed)
    {
        MemoryMedium medium = TestVault.Create(out MasterKey master, chunkSize: 4096);
        Master = master;
        using (VaultFileSystem fileSystem = TestVault.Open(medium, master))
        {
            Build(fileSystem, seed);
            for (int state = 0; state < StateCount / 2; state++)
                AddState(fileSystem, medium, seed);
        }

        byte[] header = HeaderBytes.Next(medium.Snapshot().AsSpan(0, VaultHeader.SizeBytes), master);
        medium.Write(ContainerLayout.HeaderCopyAOffset, header);
        medium.Write(ContainerLayout.HeaderCopyBOffset, header);
        using (VaultFileSystem fileSystem = TestVault.Open(medium, master))
        {
            while (States.Count < StateCount)
                AddState(fileSystem, medium, seed);
        }

        UsedBlocks = FindUsedBlocks();
    }

    public sealed record State(ulong Generation, byte[] Image, VaultContents Contents);

    public MasterKey Master { get; }

    /// <summary>Oldest first.</summary>
    public List<State> States { get; } = [];

    public State Newest => States[^1];

    public byte[] Image => Newest.Image;

    /// <summary>Blocks that the newest state uses: the fixed parts, both copies of all pages, space map, chunks.</summary>
    public IReadOnlyList<int> UsedBlocks { get; }

    public List<ContainerUnits.Unit> Units => ContainerUnits.Of(Image, Master);

    public VaultContents ContentsOf(ulong generation) =>
        States.Find(s => s.Generation == generation)?.Contents ?? throw new InvalidOperationException($"State {generation} opened, which nobody made.");

    public void Dispose() => Master.Dispose();

    /// <summary>All blocks of a unit, of both copies.</summary>
    public static IEnumerable<int> BlocksOf(BlockPointer pointer) =>
        from address in (BlockAddress[])[pointer.Address, pointer.Second]
        where !address.IsNone
        from block in Enumerable.Range((int)address.Value, pointer.BlockCount)
        select block;

    private void AddState(VaultFileSystem fileSystem, MemoryMedium medium, int seed)
    {
        Change(fileSystem, seed, States.Count);
        fileSystem.CommitAll();
        States.Add(new State(fileSystem.DurableGeneration, medium.Snapshot(), VaultContents.Of(fileSystem)));
    }

    private static void Build(VaultFileSystem fileSystem, int seed)
    {
        InodeNumber directory = fileSystem.CreateDirectory("directory");
        fileSystem.WriteAll(fileSystem.CreateFile("inline"), 0, FileSystemExtensions.RandomBytes(700, seed));
        fileSystem.WriteAll(fileSystem.CreateFile("inside", directory), 0, FileSystemExtensions.RandomBytes(LeafPage.MaxValueSize, seed));
        InodeNumber chunks = fileSystem.CreateFile("chunks");
        fileSystem.WriteAll(chunks, 0, FileSystemExtensions.RandomBytes(9000, seed));
        Assert.Equal(Errno.None, fileSystem.Link(chunks, directory, "hard link"u8, out _));
        Assert.Equal(Errno.None, fileSystem.CreateSymlink(InodeNumber.Root, "symlink"u8, "directory/inside"u8, 7, 8, out _));
        Assert.Equal(Errno.None, fileSystem.SetXattr(directory, "user.long"u8, FileSystemExtensions.RandomBytes(5000, seed), XattrMode.Any));
        InodeNumber sparse = fileSystem.CreateFile("sparse");
        fileSystem.WriteAll(sparse, 9000, FileSystemExtensions.RandomBytes(100, seed));
        fileSystem.SetSize(sparse, 30_000);
    }

    private static void Change(VaultFileSystem fileSystem, int seed, int state)
    {
        Random random = new((seed * 1000) + state);
        fileSystem.WriteAll(Find(fileSystem, "chunks"), random.Next(6000), FileSystemExtensions.RandomBytes(3000, random.Next()));
        fileSystem.WriteAll(Find(fileSystem, "sparse"), random.Next(7) * 4096, FileSystemExtensions.RandomBytes(50, random.Next()));
        fileSystem.WriteAll(Find(fileSystem, "inline"), random.Next(100), FileSystemExtensions.RandomBytes(500, random.Next()));
        Assert.Equal(Errno.None, fileSystem.SetXattr(Find(fileSystem, "chunks"), "user.short"u8, FileSystemExtensions.RandomBytes(20, random.Next()), XattrMode.Any));
        string name = $"file {state % 3}";
        if (fileSystem.Lookup(InodeNumber.Root, name.Utf8(), out InodeAttributes old) == Errno.None)
        {
            Assert.Equal(Errno.None, fileSystem.Unlink(InodeNumber.Root, name.Utf8()));
            fileSystem.Forget(old.Inode, ulong.MaxValue);
        }

        fileSystem.WriteAll(fileSystem.CreateFile(name), 0, FileSystemExtensions.RandomBytes(random.Next(6000), random.Next()));
    }

    private static InodeNumber Find(VaultFileSystem fileSystem, string name)
    {
        Assert.Equal(Errno.None, fileSystem.Lookup(InodeNumber.Root, name.Utf8(), out InodeAttributes attributes));
        return attributes.Inode;
    }

    private List<int> FindUsedBlocks()
    {
        const int HeaderB = (int)(ContainerLayout.HeaderCopyBOffset / ContainerLayout.BlockSize);
        IEnumerable<int> ring = Enumerable.Range((int)ContainerLayout.SuperblockRingBlock, ContainerLayout.SuperblockSlotCount);
        return [.. ring.Concat([0, HeaderB]).Concat(Units.SelectMany(u => BlocksOf(u.Pointer))).Order()];
    }
}
