namespace Vault.Storage.Tests;

// Files with data that does not authenticate can be used as far as it goes, with and without a repair.
public sealed class DamagedFileTests
{
    private const int Chunk = CheckedVault.ChunkSize;

    private readonly byte[] _content = FileSystemExtensions.RandomBytes((4 * Chunk) + 9000);
    private readonly CheckedVault _vault;
    private InodeNumber _file;

    public DamagedFileTests()
    {
        _vault = new CheckedVault(fileSystem =>
        {
            _file = fileSystem.CreateFile("file");
            fileSystem.WriteAll(_file, 0, _content);
        });
        BlockPointer[] chunks = _vault.ChunksOf(_file);
        ContainerUnits.FlipBit(_vault.Medium, chunks[1]);
        ContainerUnits.FlipBit(_vault.Medium, chunks[4]);
    }

    // Goal: such a file can be deleted, cut anywhere, and overwritten; what was not damaged stays; the vault is clean afterwards.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damaged_files_can_be_overwritten(bool repaired)
    {
        RepairIf(repaired);
        _vault.With(fileSystem =>
        {
            Assert.Equal(Errno.EIO, fileSystem.Write(_file, Chunk + 1, "part"u8, true, false));
            Assert.Equal(Errno.EIO, fileSystem.Write(_file, 4 * Chunk, "part"u8, true, false));
            fileSystem.WriteAll(_file, 4 * Chunk, _content.AsSpan(4 * Chunk)); // to the end of the file: nothing old is left of the chunk
            fileSystem.WriteAll(_file, 0, _content.AsSpan(0, 2 * Chunk));
            Assert.Equal(_content, fileSystem.ReadAll(_file, 0, _content.Length));
        });
        _vault.AssertClean();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damaged_files_can_be_deleted(bool repaired)
    {
        RepairIf(repaired);
        _vault.With(fileSystem => Assert.Equal(Errno.None, fileSystem.Unlink(InodeNumber.Root, "file"u8)));
        _vault.AssertClean();
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, Chunk)]
    [InlineData(true, Chunk)]
    public void Damaged_files_can_be_cut_before_the_damage(bool repaired, long size)
    {
        RepairIf(repaired);
        _vault.With(fileSystem =>
        {
            fileSystem.SetSize(_file, size);
            fileSystem.SetSize(_file, _content.Length);
            byte[] expected = new byte[_content.Length];
            _content.AsSpan(0, (int)size).CopyTo(expected);
            Assert.Equal(expected, fileSystem.ReadAll(_file, 0, _content.Length));
        });
        _vault.AssertClean();
    }

    // Goal: cut in the middle of a damaged chunk, the rest of it is an error for good: what was cut off must not come back.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damaged_files_can_be_cut_within_the_damage(bool repaired)
    {
        byte[] damaged = _vault.Medium.Snapshot();
        RepairIf(repaired);
        _vault.With(fileSystem =>
        {
            fileSystem.SetSize(_file, (4 * Chunk) + 10);
            fileSystem.SetSize(_file, Chunk + 5);
            Assert.Equal(_content[..Chunk], fileSystem.ReadAll(_file, 0, Chunk));
            Assert.Equal(Errno.EIO, fileSystem.Read(_file, Chunk, new byte[5], out _));
            fileSystem.SetSize(_file, 3 * Chunk);
            Assert.Equal(Errno.EIO, fileSystem.Read(_file, Chunk, new byte[20], out _));
            Assert.Equal(new byte[Chunk], fileSystem.ReadAll(_file, 2 * Chunk, Chunk));
        });
        Assert.Equal([$"FileData file {Chunk}-{(2 * Chunk) - 1}"], _vault.Findings());
        Assert.NotEqual(damaged, _vault.Medium.Snapshot());
    }

    // Goal: a write that fails for want of space leaves damaged content damaged: it never becomes zeros.
    [Fact]
    public void A_failed_overwrite_leaves_damage_as_it_was()
    {
        _vault.With(fileSystem =>
        {
            // Chunk 4 is overwritten up to the end of the file: it is in memory, not loaded, when chunk 3 cannot be written.
            _vault.Medium.BeforeWrite = _ => throw new VaultException(VaultFailure.NoSpace, "Simulated full host.");
            Assert.Equal(Errno.ENOSPC, fileSystem.Write(_file, 3 * Chunk, _content.AsSpan(3 * Chunk), true, false));
            _vault.Medium.BeforeWrite = null;
            Assert.Equal(Errno.EIO, fileSystem.Read(_file, 4 * Chunk, new byte[100], out _));
            Assert.Equal(_content.AsSpan(3 * Chunk, Chunk).ToArray(), fileSystem.ReadAll(_file, 3 * Chunk, Chunk));
        });
        Assert.Equal([$"FileData file {Chunk}-{(2 * Chunk) - 1}", $"FileData file {4 * Chunk}-{_content.Length - 1}"], _vault.Findings());
    }

    private void RepairIf(bool repaired)
    {
        if (!repaired)
            return;
        _vault.EditInode(_file, (ref InodeRecord r) => r.LinkCount = 2);
        _vault.RepairAndWork();
    }
}
