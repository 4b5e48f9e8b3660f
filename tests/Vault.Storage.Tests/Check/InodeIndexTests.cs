using System.Runtime.CompilerServices;

namespace Vault.Storage.Tests;

public sealed class InodeIndexTests
{
    // Goal: a check of a million files stays small. What docs and docstrings promise for each inode.
    [Fact]
    public void An_inode_takes_28_bytes() => Assert.Equal(28, Unsafe.SizeOf<InodeIndex.Entry>());

    // Goal: inodes are found by number, and those without a record come in between in order, over several segments.
    [Fact]
    public void Inodes_are_found_by_number()
    {
        InodeIndex index = new();
        for (ulong number = 2; number < 100_000; number += 2)
            index.Add(number).SetType(ModeBits.RegularFile);
        InodeIndex merged = index.WithMissing([99, 1, 99, 50_001, 200_000, 4]);
        Assert.Equal(index.Count + 4, merged.Count);
        for (int i = 1; i < merged.Count; i++)
            Assert.True(merged[i - 1].Number < merged[i].Number);
        foreach (ulong missing in (ulong[])[1, 99, 50_001, 200_000])
            Assert.True(merged[merged.Find(missing)].Is(InodeFacts.IsMissing));
        Assert.False(merged[merged.Find(4)].Is(InodeFacts.IsMissing));
        Assert.Equal(-1, merged.Find(3));
        Assert.Equal(-1, merged.Find(300_000));
        Assert.Throws<InvalidOperationException>(() => index.Add(5));
    }
}
