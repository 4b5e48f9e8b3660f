using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class DurableTreeTests
{
    private readonly MemoryMedium _medium;
    private readonly MasterKey _master;

    public DurableTreeTests()
    {
        _medium = TestVault.Create(out _master);
        using VaultFileSystem fileSystem = TestVault.Open(_medium, _master);
        for (int i = 0; i < 3000; i++)
            fileSystem.WriteAll(fileSystem.CreateFile($"file {i}"), 0, new byte[i % 100 == 0 ? 40_000 : 1000]);
        fileSystem.Close();
    }

    // Goal: whatever page of the tree is lost, every key outside of it is still shown, and the range of those that it held
    // is told exactly. Method: each branch in turn, in both copies, and every tenth leaf. What was shown and the range
    // partition all keys.
    [Fact]
    public void A_damaged_page_hides_exactly_its_own_range()
    {
        List<ContainerUnits.Unit> pages = [.. ContainerUnits.Of(_medium.Snapshot(), _master).Where(u => u.Pointer.Kind is SealKind.Leaf or SealKind.Branch)];
        Recorder whole = Walk(bothCopies: true);
        Assert.Empty(whole.Unreadable);
        Assert.Equal(pages.Select(p => p.Pointer.Address.Value).Order(), whole.Pages.Order());
        Assert.True(pages.Count(p => p.Pointer.Kind == SealKind.Branch) >= 3 && whole.Keys.Count > 8900);
        foreach (ContainerUnits.Unit page in pages.Where((p, i) => p.Pointer.Kind == SealKind.Branch || i % 10 == 0))
        {
            ContainerUnits.FlipBit(_medium, page.Pointer);
            Recorder damaged = Walk(bothCopies: true);
            (BlockPointer pointer, TreeKey low, TreeKey end, _) = Assert.Single(damaged.Unreadable);
            Assert.Equal(page.Pointer, pointer);
            Assert.Equal(whole.Keys.Where(k => k.CompareTo(low) < 0 || k.CompareTo(end) >= 0), damaged.Keys);
            Assert.True(damaged.Keys.Count < whole.Keys.Count);
            ContainerUnits.FlipBit(_medium, page.Pointer);
        }
    }

    // Goal: one bad copy of a page costs nothing and is told, which of the two it may be; a lookup finds all the same.
    [Fact]
    public void A_damaged_copy_is_told_and_costs_nothing()
    {
        Recorder whole = Walk(bothCopies: true);
        BlockPointer branch = ContainerUnits.Of(_medium.Snapshot(), _master).Select(u => u.Pointer).First(p => p.Kind == SealKind.Branch);
        foreach (BlockAddress copy in (BlockAddress[])[branch.Address, branch.Second])
        {
            ContainerUnits.FlipBit(_medium, copy);
            Recorder damaged = Walk(bothCopies: true);
            Assert.Equal(whole.Keys, damaged.Keys);
            Assert.Equal([copy], damaged.DamagedCopies);
            WithTree(tree => Assert.Equal(DurableTree.Outcome.Found, tree.TryGet(whole.Keys[^1], new byte[LeafPage.MaxValueSize], out _)));
            ContainerUnits.FlipBit(_medium, copy);
        }
    }

    // Goal: a lookup tells a key that does not exist from one that cannot be known.
    [Fact]
    public void A_lookup_tells_missing_from_unreadable()
    {
        ContainerUnits.Unit leaf = ContainerUnits.Of(_medium.Snapshot(), _master).First(u => u.IsLeafOf(TableId.InlineData));
        TreeKey lost = new LeafPage(leaf.Plaintext).KeyAt(0);
        byte[] value = new byte[LeafPage.MaxValueSize];
        WithTree(tree => Assert.Equal(DurableTree.Outcome.Found, tree.TryGet(lost, value, out _)));
        ContainerUnits.FlipBit(_medium, leaf.Pointer);
        WithTree(tree =>
        {
            Assert.Equal(DurableTree.Outcome.Unreadable, tree.TryGet(lost, value, out _));
            Assert.Equal(DurableTree.Outcome.Missing, tree.TryGet(new TreeKey(TableId.Inodes, 1_000_000), value, out _));
            Assert.Equal(DurableTree.Outcome.Found, tree.TryGet(new TreeKey(TableId.Inodes, 1), value, out int length));
            Assert.Equal(InodeRecord.SizeBytes, length);
        });
    }

    private Recorder Walk(bool bothCopies)
    {
        Recorder recorder = new();
        WithTree(tree => tree.Walk(recorder, default, TreeKey.Highest, bothCopies));
        return recorder;
    }

    private void WithTree(Action<DurableTree> use)
    {
        MemoryMedium medium = new(_medium.Snapshot()) { IsReadOnly = true };
        VaultHeader header = HeaderCopies.Verify(medium, _master);
        using VaultCipher cipher = new(_master, header.Id, header.Suite);
        using DurableTree tree = new(new SealedUnits(medium, cipher, null), new SuperblockRing(medium, cipher).Read().Newest!.TreeRoot);
        use(tree);
    }

    private sealed class Recorder : ITreeVisitor
    {
        public List<TreeKey> Keys { get; } = [];

        public List<ulong> Pages { get; } = [];

        public List<BlockAddress> DamagedCopies { get; } = [];

        public List<(BlockPointer Pointer, TreeKey Low, TreeKey End, int Level)> Unreadable { get; } = [];

        public void OnPageRead(in BlockPointer pointer, BlockAddress damagedCopy)
        {
            Pages.Add(pointer.Address.Value);
            if (!damagedCopy.IsNone)
                DamagedCopies.Add(damagedCopy);
        }

        public void OnUnreadable(in BlockPointer pointer, in TreeKey low, in TreeKey end, int level, string check) =>
            Unreadable.Add((pointer, low, end, level));

        public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value) => Keys.Add(key);
    }
}
