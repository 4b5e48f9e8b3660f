using Vault.Crypto;

namespace Vault.Storage.Tests;

// What cannot be read, and how it is named. Method of all: damage units of a vault that was clean, and compare the whole list of findings.
public sealed class CheckDamageTests
{
    private const int Chunk = CheckedVault.ChunkSize;

    private InodeNumber _photos;
    private InodeNumber _a;
    private InodeNumber _b;
    private readonly CheckedVault _vault;

    public CheckDamageTests() => _vault = new CheckedVault(fileSystem =>
    {
        _photos = fileSystem.CreateDirectory("photos");
        _a = fileSystem.CreateFile("a.jpg", _photos);
        fileSystem.WriteAll(_a, 0, FileSystemExtensions.RandomBytes((8 * Chunk) + 100));
        _b = fileSystem.CreateFile("b\n\u0001\u202e.jpg", _photos);
        fileSystem.WriteAll(_b, 3 * Chunk, FileSystemExtensions.RandomBytes(Chunk));
    });

    // Goal: a whole vault is clean, is read as a whole and counted right; a read-only medium is enough.
    [Fact]
    public void A_whole_vault_is_clean()
    {
        CheckReport report = _vault.Check(out List<CheckFinding> findings);
        Assert.Empty(findings);
        Assert.Equal((2, 2), (report.Files, report.Directories));
        Assert.Equal(_vault.Units.Sum(u => (long)u.Pointer.SizeOfUnit * (u.Pointer.Second.IsNone ? 1 : 2)), report.CheckedBytes);
    }

    // Goal: unreadable data is one finding for each contiguous range, to the byte where the file ends.
    [Theory]
    [InlineData(new[] { 2 }, new[] { "65536-98303" })]
    [InlineData(new[] { 0, 1, 2, 5, 6 }, new[] { "0-98303", "163840-229375" })]
    [InlineData(new[] { 7, 8 }, new[] { "229376-262243" })]
    public void Unreadable_chunks_are_ranges_of_the_file(int[] chunks, string[] ranges)
    {
        BlockPointer[] stored = _vault.ChunksOf(_a);
        foreach (int chunk in chunks)
            ContainerUnits.FlipBit(_vault.Medium, stored[chunk]);
        Assert.Equal(ranges.Select(r => $"FileData photos/a.jpg {r}"), _vault.Findings());
    }

    // Goal: a host that cannot read a sector is damage like any other, of that chunk alone.
    [Fact]
    public void A_bad_sector_is_damage_of_its_chunk_alone()
    {
        BlockPointer bad = _vault.ChunksOf(_a)[3];
        BlockPointer first = _vault.ChunksOf(_a)[0];
        Assert.Equal(first.Address.Value + (ulong)(3 * first.BlockCount), bad.Address.Value); // neighbours: fetched with one read
        List<CheckFinding> findings = [];
        MemoryMedium image = new(_vault.Medium.Snapshot())
        {
            BeforeReadRange = (offset, length) => FailIf(offset <= bad.Address.OffsetBytes && offset + length > bad.Address.OffsetBytes),
        };
        VaultChecker.Check(image, _vault.Master, findings.Add, null, CancellationToken.None);
        Assert.Equal(["FileData photos/a.jpg 98304-131071"], findings.Select(CheckedVault.Line));
    }

    // Goal: names cannot harm a terminal.
    [Fact]
    public void Names_are_escaped()
    {
        ContainerUnits.FlipBit(_vault.Medium, _vault.ChunksOf(_b)[0]);
        Assert.Equal([@"FileData photos/b\x0A\x01\xE2\x80\xAE.jpg 98304-131071"], _vault.Findings());
    }

    // Goal: one damaged copy of what is stored twice is told and is no loss.
    [Fact]
    public void Damaged_spare_copies_are_told_and_are_no_loss()
    {
        _vault.With(fileSystem =>
        {
            for (int i = 0; i < 500; i++)
                fileSystem.CreateFile($"file {i}");
        });
        List<BlockPointer> twice = [.. _vault.Units.Select(u => u.Pointer).Where(p => !p.Second.IsNone)];
        Assert.Contains(twice, p => p.Kind == SealKind.Branch);
        Assert.Contains(twice, p => p.Kind == SealKind.SpaceIndex);
        for (int i = 0; i < twice.Count; i++)
            ContainerUnits.FlipBit(_vault.Medium, i % 2 == 0 ? twice[i].Address : twice[i].Second);
        _vault.Medium.Write(ContainerLayout.HeaderCopyBOffset + 100, [1]);
        CheckReport report = _vault.Check(out List<CheckFinding> findings);
        Assert.Equal(twice.Count + 1, findings.Count);
        Assert.All(findings, f => Assert.Equal(CheckFindingKind.SpareCopy, f.Kind));
        Assert.Equal(
            twice.Select((p, i) => (i % 2 == 0 ? p.Address : p.Second).OffsetBytes).Append(ContainerLayout.HeaderCopyBOffset).Order(),
            findings.Select(f => f.OffsetBytes).Order());
        Assert.False(report.HasLostData);
    }

    // Goal: each superblock slot that does not open, or holds an old superblock, is told.
    [Fact]
    public void Bad_superblock_slots_are_told()
    {
        byte[] before = _vault.Medium.Snapshot();
        for (int i = 0; i < 8; i++)
            _vault.With(fileSystem => fileSystem.SetSize(_b, i));
        ulong newest = _vault.Check(out _).Generation;
        long torn = Slot(newest - 3);
        long old = Slot(newest - 5);
        _vault.Medium.Write(torn + 500, [1]);
        _vault.Medium.Write(old, before.AsSpan((int)old, ContainerLayout.BlockSize));
        _vault.Check(out List<CheckFinding> findings);
        Assert.Equal(new[] { torn, old }.Order(), findings.Where(f => f.Kind == CheckFindingKind.SuperblockSlot).Select(f => f.OffsetBytes));
        Assert.Equal(2, findings.Count);
    }

    // Goal: a file that was cut off is told as that, and what lay there by path.
    [Fact]
    public void A_cut_container_is_told()
    {
        long end = _vault.ChunksOf(_a)[4].Address.OffsetBytes;
        _vault.Medium.SetLength(end);
        string[] findings = _vault.Findings();
        Assert.Equal("SpaceMap -", findings[0]);
        Assert.NotEmpty(findings.Skip(1));
    }

    private static void FailIf(bool condition)
    {
        if (condition)
            throw new VaultException(VaultFailure.IoError, "Simulated failure of the host.");
    }

    private static long Slot(ulong generation) => new BlockAddress(ContainerLayout.SuperblockRingBlock + (generation % 8)).OffsetBytes;
}
