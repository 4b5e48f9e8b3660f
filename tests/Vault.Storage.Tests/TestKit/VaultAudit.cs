using Vault.Crypto;

namespace Vault.Storage.Tests;

/// <summary>
/// Checks a container from the outside: every unit that the newest two states reach authenticates, nothing is
/// reachable twice, and what the newest reaches is exactly what its space map says is used.
/// </summary>
internal static class VaultAudit
{
    public static void Check(byte[] image, MasterKey master)
    {
        MemoryMedium medium = new((byte[])image.Clone()) { IsReadOnly = true };
        VaultHeader header = HeaderCopies.Verify(medium, master);
        using VaultCipher cipher = new(master, header.Id, header.Suite);
        SuperblockRing.Content ring = new SuperblockRing(medium, cipher).Read();
        Superblock superblock = ring.Newest!;
        SealedUnits units = new(medium, cipher, null);
        if (ring.Previous is { } previous)
        {
            HashSet<ulong> older = [];
            WalkTree(units, previous.TreeRoot, older);
            WalkSpace(units, previous.Space.Index, previous.Space.Depth, 0, previous.Space.TotalBlocks, older);
        }

        HashSet<ulong> reachable = [];
        for (ulong block = 0; block < ContainerLayout.FirstDataBlock; block++)
            reachable.Add(block);
        WalkTree(units, superblock.TreeRoot, reachable);
        HashSet<ulong> used = WalkSpace(units, superblock.Space.Index, superblock.Space.Depth, 0, superblock.Space.TotalBlocks, reachable);
        Assert.True(reachable.SetEquals(used), $"{reachable.Except(used).Count()} reachable blocks are not used, {used.Except(reachable).Count()} used blocks are not reachable.");
        Assert.Equal((long)superblock.Space.TotalBlocks - used.Count, superblock.Space.FreeBlocks);
    }

    private static void Add(in BlockPointer pointer, HashSet<ulong> reachable)
    {
        foreach (BlockAddress address in (BlockAddress[])[pointer.Address, pointer.Second])
        {
            for (int i = 0; !address.IsNone && i < pointer.BlockCount; i++)
                Assert.True(reachable.Add(address.Value + (ulong)i), $"Block {address.Value + (ulong)i} is reachable twice.");
        }
    }

    private static void CheckBothCopies(SealedUnits units, in BlockPointer pointer, Span<byte> plaintext)
    {
        units.Read(pointer with { Second = default }, plaintext);
        if (!pointer.Second.IsNone)
            units.Read(pointer with { Address = pointer.Second, Second = default }, plaintext);
    }

    private static void WalkTree(SealedUnits units, BlockPointer pointer, HashSet<ulong> reachable)
    {
        Add(pointer, reachable);
        byte[] page = new byte[ContainerLayout.PageSize];
        CheckBothCopies(units, pointer, page);
        if (page[0] == BranchPage.Mark)
        {
            Assert.True(BranchPage.IsWellFormed(page));
            for (int i = 0; i < new BranchPage(page).Count; i++)
                WalkTree(units, new BranchPage(page).PointerAt(i), reachable);
            return;
        }

        Assert.True(LeafPage.IsWellFormed(page));
        for (int i = 0; i < new LeafPage(page).Count; i++)
        {
            if (new LeafPage(page).KeyAt(i).Table != TableId.Chunks)
                continue;
            BlockPointer chunk = ChunkRecord.Read(new LeafPage(page).ValueAt(i));
            Add(chunk, reachable);
            units.Read(chunk, new byte[chunk.SizeOfUnit]);
        }
    }

    private static HashSet<ulong> WalkSpace(SealedUnits units, BlockPointer pointer, int depth, ulong group, ulong total, HashSet<ulong> reachable)
    {
        HashSet<ulong> used = [];
        if (pointer.IsNone)
            return used;
        Add(pointer, reachable);
        byte[] page = new byte[ContainerLayout.BlockSize];
        CheckBothCopies(units, pointer, page);
        if (depth == 0)
        {
            for (int bit = 0; bit < BitmapPage.BlocksPerGroup; bit++)
            {
                if ((page[bit / 8] & (1 << (bit % 8))) == 0)
                    continue;
                ulong block = (group * BitmapPage.BlocksPerGroup) + (ulong)bit;
                Assert.True(block < total, "A block beyond the end is used.");
                used.Add(block);
            }

            return used;
        }

        for (int i = 0; i < SpaceIndex.FanOut; i++)
            used.UnionWith(WalkSpace(units, BlockPointer.Read(page.AsSpan(i * 64)), depth - 1, (group * SpaceIndex.FanOut) + (ulong)i, total, reachable));
        return used;
    }
}
