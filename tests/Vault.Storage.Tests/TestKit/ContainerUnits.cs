using Vault.Crypto;

namespace Vault.Storage.Tests;

/// <summary>Every unit that the newest state of an image reaches, with its plaintext: to be damaged on purpose.</summary>
internal static class ContainerUnits
{
    public readonly record struct Unit(BlockPointer Pointer, byte[] Plaintext)
    {
        /// <summary>A leaf of the tree whose first key is in a table; false for every other unit.</summary>
        public bool IsLeafOf(TableId table) =>
            Pointer.Kind == SealKind.Leaf && new LeafPage(Plaintext).Count > 0 && new LeafPage(Plaintext).KeyAt(0).Table == table;
    }

    public static List<Unit> Of(byte[] image, MasterKey master) => Walk(image, master, previous: false);

    /// <summary>Units of the state before the newest that the newest does not use any more.</summary>
    public static List<Unit> OnlyOfPrevious(byte[] image, MasterKey master)
    {
        HashSet<BlockAddress> newest = [.. Of(image, master).Select(u => u.Pointer.Address)];
        return [.. Walk(image, master, previous: true).Where(u => !newest.Contains(u.Pointer.Address))];
    }

    /// <summary>Turns a bit in every copy of a unit. Doing it again mends it.</summary>
    public static void FlipBit(MemoryMedium medium, in BlockPointer pointer)
    {
        FlipBit(medium, pointer.Address);
        if (!pointer.Second.IsNone)
            FlipBit(medium, pointer.Second);
    }

    public static void FlipBit(MemoryMedium medium, BlockAddress address)
    {
        Span<byte> one = stackalloc byte[1];
        medium.Read(address.OffsetBytes + 100, one);
        one[0] ^= 4;
        medium.Write(address.OffsetBytes + 100, one);
    }

    private static List<Unit> Walk(byte[] image, MasterKey master, bool previous)
    {
        MemoryMedium medium = new((byte[])image.Clone()) { IsReadOnly = true };
        VaultHeader header = HeaderCopies.Verify(medium, master);
        using VaultCipher cipher = new(master, header.Id, header.Suite);
        SuperblockRing.Content ring = new SuperblockRing(medium, cipher).Read();
        Superblock superblock = previous ? ring.Previous! : ring.Newest!;
        SealedUnits units = new(medium, cipher, null);
        List<Unit> found = [];
        WalkTree(units, superblock.TreeRoot, found);
        WalkSpace(units, superblock.Space.Index, superblock.Space.Depth, found);
        return found;
    }

    private static byte[] Add(SealedUnits units, in BlockPointer pointer, List<Unit> found)
    {
        byte[] plaintext = new byte[pointer.SizeOfUnit];
        units.Read(pointer, plaintext);
        found.Add(new Unit(pointer, plaintext));
        return plaintext;
    }

    private static void WalkTree(SealedUnits units, in BlockPointer pointer, List<Unit> found)
    {
        byte[] page = Add(units, pointer, found);
        if (pointer.Kind == SealKind.Branch)
        {
            for (int i = 0; i < new BranchPage(page).Count; i++)
                WalkTree(units, new BranchPage(page).PointerAt(i), found);
            return;
        }

        for (int i = 0; i < new LeafPage(page).Count; i++)
        {
            if (new LeafPage(page).KeyAt(i).Table == TableId.Chunks)
                Add(units, ChunkRecord.Read(new LeafPage(page).ValueAt(i)), found);
        }
    }

    private static void WalkSpace(SealedUnits units, in BlockPointer pointer, int depth, List<Unit> found)
    {
        if (pointer.IsNone)
            return;
        byte[] page = Add(units, pointer, found);
        for (int i = 0; depth > 0 && i < SpaceIndex.FanOut; i++)
            WalkSpace(units, BlockPointer.Read(page.AsSpan(i * BlockPointer.SizeBytes)), depth - 1, found);
    }
}
