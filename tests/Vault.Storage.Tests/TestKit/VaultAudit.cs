using Vault.Crypto;

namespace Vault.Storage.Tests;

/// <summary>
/// Checks a container from the outside: the newest state by the product's own check, which must find nothing; and that
/// every unit which the state before it reaches authenticates and is reached once, since a lost superblock falls back to it.
/// </summary>
internal static class VaultAudit
{
    /// <param name="image">A container.</param>
    /// <param name="master">Its key.</param>
    /// <param name="allowsLeaks">Blocks may be used that belong to nothing: what was freed while its bitmap could not be read.</param>
    public static void Check(byte[] image, MasterKey master, bool allowsLeaks = false) =>
        Check(new MemoryMedium((byte[])image.Clone()) { IsReadOnly = true }, master, allowsLeaks: allowsLeaks);

    public static void Check(IMedium medium, MasterKey master, bool newestOnly = false, bool allowsLeaks = false, bool allowsFileDamage = false)
    {
        List<CheckFinding> findings = [];
        VaultChecker.Check(medium, master, findings.Add, null, CancellationToken.None);
        findings.RemoveAll(f => f.Kind == CheckFindingKind.SuperblockSlot); // one torn by a crash is as it should be
        if (allowsFileDamage)
            findings.RemoveAll(f => f.Kind is CheckFindingKind.FileData or CheckFindingKind.Inode);
        if (allowsLeaks)
            findings.RemoveAll(f => f.Kind == CheckFindingKind.SpaceMap && f.Detail.EndsWith("their space is lost.", StringComparison.Ordinal));
        Assert.Empty(findings);
        if (!newestOnly)
            CheckPrevious(medium, master);
    }

    /// <summary>Checks the state before the newest alone.</summary>
    public static void CheckPrevious(IMedium medium, MasterKey master)
    {
        VaultHeader header = HeaderCopies.Verify(medium, master);
        using VaultCipher cipher = new(master, header.Id, header.Suite);
        if (new SuperblockRing(medium, cipher).Read().Previous is not { } previous)
            return;
        SealedUnits units = new(medium, cipher, null);
        HashSet<ulong> reached = [];
        Dictionary<ulong, BlockPointer> chunks = [];
        WalkTree(units, previous.TreeRoot, reached, chunks);
        WalkSpace(units, previous.Space.Index, previous.Space.Depth, reached);
    }

    private static byte[] Read(SealedUnits units, in BlockPointer pointer, HashSet<ulong> reached)
    {
        byte[] plaintext = new byte[pointer.SizeOfUnit];
        foreach (BlockAddress address in (BlockAddress[])[pointer.Second, pointer.Address])
        {
            if (address.IsNone)
                continue;
            units.Read(pointer with { Address = address, Second = default }, plaintext);
            for (int i = 0; i < pointer.BlockCount; i++)
                Assert.True(reached.Add(address.Value + (ulong)i), $"Block {address.Value + (ulong)i} is reachable twice.");
        }

        return plaintext;
    }

    // Several records may name the same chunk.
    private static void WalkTree(SealedUnits units, in BlockPointer pointer, HashSet<ulong> reached, Dictionary<ulong, BlockPointer> chunks)
    {
        byte[] page = Read(units, pointer, reached);
        bool isBranch = pointer.Kind == SealKind.Branch;
        Assert.True(isBranch ? BranchPage.IsWellFormed(page) : LeafPage.IsWellFormed(page));
        for (int i = 0; isBranch && i < new BranchPage(page).Count; i++)
            WalkTree(units, new BranchPage(page).PointerAt(i), reached, chunks);
        for (int i = 0; !isBranch && i < new LeafPage(page).Count; i++)
        {
            if (new LeafPage(page).KeyAt(i).Table != TableId.Chunks)
                continue;
            BlockPointer chunk = ChunkRecord.Read(new LeafPage(page).ValueAt(i));
            if (!chunks.TryGetValue(chunk.Address.Value, out BlockPointer known))
                Read(units, chunk, reached);
            else
                Assert.Equal(known, chunk);
            chunks[chunk.Address.Value] = chunk;
        }
    }

    private static void WalkSpace(SealedUnits units, in BlockPointer pointer, int depth, HashSet<ulong> reached)
    {
        if (pointer.IsNone)
            return;
        byte[] page = Read(units, pointer, reached);
        for (int i = 0; depth > 0 && i < SpaceIndex.FanOut; i++)
            WalkSpace(units, BlockPointer.Read(page.AsSpan(i * BlockPointer.SizeBytes)), depth - 1, reached);
    }
}
