using Vault.Crypto;

namespace Vault.Storage.Tests;

/// <summary>
/// Checks a container from the outside: every unit that the newest two states reach authenticates, nothing is
/// reachable twice, what the newest reaches is exactly what its space map says is used, and its tables agree: links,
/// entries, orphans, blocks of each file.
/// </summary>
internal static class VaultAudit
{
    public static void Check(byte[] image, MasterKey master) => Check(new MemoryMedium((byte[])image.Clone()) { IsReadOnly = true }, master);

    public static void Check(IMedium medium, MasterKey master)
    {
        VaultHeader header = HeaderCopies.Verify(medium, master);
        using VaultCipher cipher = new(master, header.Id, header.Suite);
        SuperblockRing.Content ring = new SuperblockRing(medium, cipher).Read();
        Superblock superblock = ring.Newest!;
        SealedUnits units = new(medium, cipher, null);
        if (ring.Previous is { } previous)
        {
            HashSet<ulong> older = [];
            WalkTree(units, previous.TreeRoot, older, new Tables());
            WalkSpace(units, previous.Space.Index, previous.Space.Depth, 0, previous.Space.TotalBlocks, older);
        }

        HashSet<ulong> reachable = [];
        for (ulong block = 0; block < ContainerLayout.FirstDataBlock; block++)
            reachable.Add(block);
        Tables tables = new();
        WalkTree(units, superblock.TreeRoot, reachable, tables);
        tables.Check();
        Assert.Equal((ulong)tables.Inodes.Count, superblock.InodeCount);
        Assert.All(tables.Inodes.Keys, inode => Assert.True(inode < superblock.NextInode));
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

    private static void WalkTree(SealedUnits units, BlockPointer pointer, HashSet<ulong> reachable, Tables tables)
    {
        Add(pointer, reachable);
        byte[] page = new byte[ContainerLayout.PageSize];
        CheckBothCopies(units, pointer, page);
        if (page[0] == BranchPage.Mark)
        {
            Assert.True(BranchPage.IsWellFormed(page));
            for (int i = 0; i < new BranchPage(page).Count; i++)
                WalkTree(units, new BranchPage(page).PointerAt(i), reachable, tables);
            return;
        }

        Assert.True(LeafPage.IsWellFormed(page));
        for (int i = 0; i < new LeafPage(page).Count; i++)
        {
            TreeKey key = new LeafPage(page).KeyAt(i);
            tables.Add(key, new LeafPage(page).ValueAt(i));
            if (key.Table != TableId.Chunks)
                continue;
            BlockPointer chunk = ChunkRecord.Read(new LeafPage(page).ValueAt(i));
            Add(chunk, reachable);
            units.Read(chunk, new byte[chunk.SizeOfUnit]);
        }
    }

    private sealed class Tables
    {
        private readonly Dictionary<ulong, long> _chunkBlocks = [];
        private readonly HashSet<ulong> _orphans = [];
        private readonly HashSet<ulong> _inline = [];
        private readonly List<(ulong Directory, ulong Inode, uint Type)> _entries = [];

        public Dictionary<ulong, InodeRecord> Inodes { get; } = [];

        public void Add(in TreeKey key, ReadOnlySpan<byte> value)
        {
            switch (key.Table)
            {
                case TableId.Inodes:
                    Inodes.Add(key.Object, InodeRecord.Read(value));
                    break;
                case TableId.DirectoryEntries:
                    DirectoryEntry entry = DirectoryTable.Decode(key.Item, value);
                    _entries.Add((key.Object, entry.Inode.Value, entry.Type));
                    break;
                case TableId.Chunks:
                    _chunkBlocks[key.Object] = _chunkBlocks.GetValueOrDefault(key.Object) + ChunkRecord.Read(value).BlockCount;
                    break;
                case TableId.InlineData:
                    _inline.Add(key.Object);
                    break;
                case TableId.Orphans:
                    _orphans.Add(key.Object);
                    break;
            }
        }

        public void Check()
        {
            ILookup<ulong, (ulong Directory, ulong Inode, uint Type)> names = _entries.ToLookup(e => e.Inode);
            ILookup<ulong, (ulong Directory, ulong Inode, uint Type)> children = _entries.ToLookup(e => e.Directory);
            Assert.All(_entries, e => Assert.Equal(Inodes[e.Inode].Type, e.Type));
            Assert.All(_chunkBlocks.Keys.Concat(_inline).Concat(_orphans), inode => Assert.Contains(inode, Inodes.Keys));
            foreach ((ulong inode, InodeRecord record) in Inodes)
            {
                Assert.Equal(record.LinkCount == 0, _orphans.Contains(inode));
                Assert.Equal((record.Flags & InodeFlags.IsInline) != 0, _inline.Contains(inode));
                if (record.LinkCount == 0)
                    continue; // perhaps deleted in part
                Assert.Equal(_chunkBlocks.GetValueOrDefault(inode), record.DataBlocks);
                bool isRoot = inode == InodeNumber.Root.Value;
                Assert.Equal(record.IsDirectory ? (isRoot ? 0 : 1) : (int)record.LinkCount, names[inode].Count());
                if (!record.IsDirectory)
                    continue;
                Assert.Equal(children[inode].Count(), record.Size);
                Assert.Equal(2 + (uint)children[inode].Count(c => c.Type == ModeBits.Directory), record.LinkCount);
                Assert.Equal(isRoot ? inode : names[inode].Single().Directory, record.Parent);
            }
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
