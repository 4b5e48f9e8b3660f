using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class TreeTests
{
    // Goal: the tree is an ordered map, through splits, merges, commits and copies on write.
    // Method: seeded random puts and removals of values of all lengths against a SortedDictionary; commits in between,
    // some with changes made between freeze and thaw; then the tree is opened from its root and compared again.
    [Theory]
    [InlineData(1, 4096, 3_000)]
    [InlineData(2, 120, 30_000)]
    [InlineData(3, 900, 10_000)]
    public void It_is_an_ordered_map(int seed, int maxValue, int steps)
    {
        Random random = new(seed);
        using MasterKey master = MasterKey.Generate(RandomSource.System);
        using VaultCipher cipher = new(master, new VaultId(7), CipherSuite.Aes256Gcm);
        using SealingSession session = new(cipher, RandomSource.System);
        MemoryMedium medium = new();
        SealedUnits units = new(medium, cipher, session);
        SpaceMap space = SpaceMap.CreateEmpty(medium, units, 1);
        medium.Allocate(0, 1 << 20);
        ulong generation = 1;
        CopyOnWriteTree tree = CopyOnWriteTree.CreateEmpty(units, space, 0, generation);
        SortedDictionary<ulong, byte[]> model = [];
        BlockPointer root = default;
        for (int i = 0; i < steps; i++)
        {
            Change(tree, model, random, maxValue, growing: i % 4000 < 2500);
            if (i % 500 == 499)
            {
                SortedDictionary<ulong, byte[]> frozen = new(model);
                tree.Freeze(++generation);
                space.Freeze(generation);
                for (int j = 0; j < 50; j++)
                    Change(tree, model, random, maxValue, growing: true);
                root = tree.WriteFrozen();
                _ = space.WriteFrozen(generation - 1);
                space.ReleaseHeld();
                tree.Thaw();
                tree.Recycle();
                using CopyOnWriteTree opened = CopyOnWriteTree.Open(units, space, 0, generation, root);
                AssertSame(frozen, opened);
            }
        }

        AssertSame(model, tree);
        Assert.False(root.IsNone);
        Assert.Equal(model.Count, tree.RemoveRange(KeyOf(0), KeyOf(ulong.MaxValue), int.MaxValue, _ => { }));
        AssertSame([], tree);
        tree.Dispose();
    }

    private static TreeKey KeyOf(ulong n) => new(TableId.Xattrs, n / 16, n % 16);

    private static void Change(CopyOnWriteTree tree, SortedDictionary<ulong, byte[]> model, Random random, int maxValue, bool growing)
    {
        ulong n = (ulong)random.Next(6000);
        if (random.Next(10) < (growing ? 7 : 2))
        {
            byte[] value = new byte[random.Next(maxValue + 1)];
            random.NextBytes(value);
            tree.Put(KeyOf(n), value);
            model[n] = value;
        }
        else
        {
            Assert.Equal(model.Remove(n), tree.Remove(KeyOf(n)));
        }
    }

    private static void AssertSame(SortedDictionary<ulong, byte[]> model, CopyOnWriteTree tree)
    {
        TreeScan scan = tree.Scan(KeyOf(0));
        byte[] found = new byte[LeafPage.MaxValueSize];
        foreach ((ulong n, byte[] value) in model)
        {
            Assert.True(scan.MoveNext());
            Assert.Equal(KeyOf(n), scan.Key);
            Assert.True(scan.Value.SequenceEqual(value));
            Assert.True(tree.TryGet(KeyOf(n), found, out int length));
            Assert.True(found.AsSpan(0, length).SequenceEqual(value));
        }

        Assert.False(scan.MoveNext());
        AssertLastKeys([.. model.Keys], tree);
    }

    private static void AssertLastKeys(ulong[] keys, CopyOnWriteTree tree)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            ulong before = i == 0 ? 0 : keys[i - 1] + 1;
            Assert.False(tree.TryFindLast(KeyOf(before), KeyOf(keys[i]), out _));
            Assert.True(tree.TryFindLast(KeyOf(keys[i / 2]), KeyOf(keys[i] + 1), out TreeKey last));
            Assert.Equal(KeyOf(keys[i]), last);
        }

        Assert.Equal(keys.Length > 0, tree.TryFindLast(KeyOf(0), new TreeKey(TableId.Lineage, 0), out _));
    }
}
