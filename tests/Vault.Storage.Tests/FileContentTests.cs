using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class FileContentTests : IDisposable
{
    private readonly MemoryMedium _medium;
    private readonly MasterKey _master;
    private VaultFileSystem _fileSystem;

    public FileContentTests()
    {
        _medium = TestVault.Create(out _master);
        _fileSystem = TestVault.Open(_medium, _master);
    }

    public void Dispose() => _fileSystem.Dispose();

    // Goal: a small file that was extended far beyond what is inline reads, writes and cuts like any other.
    // Method: sizes around 2 GiB and 4 GiB, where a 32-bit length would break.
    [Theory]
    [InlineData(5_000L)]
    [InlineData((1L << 31) - 1)]
    [InlineData(1L << 33)]
    public void A_small_file_can_be_extended_and_cut_sparsely(long size)
    {
        InodeNumber file = _fileSystem.CreateFile("sparse");
        _fileSystem.WriteAll(file, 0, "hi"u8);
        Assert.Equal(size, _fileSystem.SetSize(file, size).SizeBytes);
        Assert.Equal([(byte)'h', (byte)'i', 0, 0], _fileSystem.ReadAll(file, 0, 4));
        Assert.Equal(new byte[100], _fileSystem.ReadAll(file, size - 100, 200));
        Assert.Equal(size - 1, _fileSystem.SetSize(file, size - 1).SizeBytes);
        _fileSystem.WriteAll(file, size - 10, "tail"u8);
        Assert.Equal([0, (byte)'t', (byte)'a', (byte)'i', (byte)'l', 0], _fileSystem.ReadAll(file, size - 11, 6));
        Assert.Equal([(byte)'h', (byte)'i', 0, 0], _fileSystem.ReadAll(file, 0, 4));
    }

    // Goal: a hole costs no space and reads as zeros; data beyond it is right after an unlock.
    [Fact]
    public void Data_at_both_ends_of_a_4_TiB_file()
    {
        const long End = 4L << 40;
        byte[] data = FileSystemExtensions.RandomBytes(100_000);
        InodeNumber file = _fileSystem.CreateFile("huge");
        _fileSystem.WriteAll(file, 0, data);
        _fileSystem.WriteAll(file, End - data.Length, data);
        Reopen();
        Assert.Equal(data, _fileSystem.ReadAll(file, 0, data.Length));
        Assert.Equal(data, _fileSystem.ReadAll(file, End - data.Length, data.Length + 10));
        Assert.Equal(new byte[70_000], _fileSystem.ReadAll(file, 1L << 40, 70_000));
        Assert.InRange(_fileSystem.Stat(file).Blocks512, 2 * data.Length / 512, (2 * data.Length / 512) + 256);
        Assert.Equal(1000, _fileSystem.SetSize(file, 1000).SizeBytes);
        Assert.Equal(0, _fileSystem.SetSize(file, 0).Blocks512);
    }

    // Goal: st_blocks says what a file takes, not how long it is, before and after it was sealed.
    [Fact]
    public void Blocks_are_those_that_data_takes()
    {
        InodeNumber small = _fileSystem.CreateFile("small");
        _fileSystem.WriteAll(small, 0, "hi"u8);
        Assert.InRange(_fileSystem.SetSize(small, 8L << 30).Blocks512, 1, 8);
        InodeNumber file = _fileSystem.CreateFile("file");
        _fileSystem.WriteAll(file, 0, new byte[5_000]);
        Assert.Equal(16, _fileSystem.Stat(file).Blocks512);
        _fileSystem.WriteAll(file, 5_000, new byte[10_000]);
        Assert.Equal(32, _fileSystem.Stat(file).Blocks512);
        _fileSystem.CommitAll();
        Assert.Equal(32, _fileSystem.Stat(file).Blocks512);
        _fileSystem.WriteAll(file, 0, new byte[100_000]);
        Assert.Equal(25 * 8, _fileSystem.Stat(file).Blocks512);
        Assert.Equal(8, _fileSystem.SetSize(file, 4_000).Blocks512);
        Reopen();
        Assert.Equal(8, _fileSystem.Stat(file).Blocks512);
    }

    // Goal: files of a few blocks do not leave the container full of holes that nothing fits into.
    // Method: many small files, synced now and then; the container stays near the files' rounded sizes.
    [Fact]
    public void Small_files_lie_close_together()
    {
        const int Count = 2_000;
        const int BlocksEach = 3;
        for (int i = 0; i < Count; i++)
        {
            _fileSystem.WriteAll(_fileSystem.CreateFile($"f{i}"), 0, new byte[BlocksEach * 4096]);
            if (i % 500 == 0)
                _fileSystem.CommitAll();
        }

        _fileSystem.Close();
        Assert.InRange(_medium.LengthBytes, 0, (long)Count * BlocksEach * 4096 * 5 / 4);
        _fileSystem = TestVault.Open(_medium, _master);
    }

    // Goal: what was cut off never comes back when the file grows again.
    [Theory]
    [InlineData(3_000, 1_000)]
    [InlineData(100_000, 40_001)]
    [InlineData(100_000, 32_768)]
    [InlineData(200_000, 1)]
    public void Cut_bytes_read_as_zeros_after_growing(int length, int cut)
    {
        byte[] data = FileSystemExtensions.RandomBytes(length);
        InodeNumber file = _fileSystem.CreateFile("cut");
        _fileSystem.WriteAll(file, 0, data);
        _fileSystem.CommitAll();
        _fileSystem.SetSize(file, cut);
        _fileSystem.SetSize(file, length);
        Reopen();
        byte[] expected = new byte[length];
        data.AsSpan(0, cut).CopyTo(expected);
        Assert.Equal(expected, _fileSystem.ReadAll(file, 0, length));
    }

    // Goal: an unlinked file lives while it is referenced, and its space comes back afterwards, also after a crash.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_unlinked_file_lives_until_it_is_forgotten(bool crash)
    {
        long freeBefore = Free();
        byte[] data = FileSystemExtensions.RandomBytes(300_000);
        InodeNumber file = _fileSystem.CreateFile("open");
        _fileSystem.WriteAll(file, 0, data);
        Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, "open"u8));
        Assert.Equal(0u, _fileSystem.Stat(file).LinkCount);
        _fileSystem.WriteAll(file, 5, "more"u8);
        "more"u8.CopyTo(data.AsSpan(5));
        Assert.Equal(data, _fileSystem.ReadAll(file, 0, data.Length));
        _fileSystem.CommitAll();
        if (crash)
        {
            _fileSystem.Dispose();
            _fileSystem = TestVault.Open(_medium, _master);
        }
        else
        {
            _fileSystem.Forget(file, 1);
        }

        Assert.True(SpinWait.SpinUntil(() => _fileSystem.GetAttributes(file, out _) == Errno.ENOENT, TimeSpan.FromSeconds(30)));
        Reopen();
        Assert.InRange(Free(), freeBefore - 64, long.MaxValue);
        _fileSystem.Close();
        VaultAudit.Check(_medium.Snapshot(), _master);
    }

    // Goal: overwriting for ever does not grow the container, beyond what may wait for commits to release it.
    [Fact]
    public void Steady_overwriting_does_not_grow_the_container()
    {
        InodeNumber file = _fileSystem.CreateFile("steady");
        byte[] data = FileSystemExtensions.RandomBytes(1 << 20);
        for (int i = 0; i < 300; i++)
        {
            _fileSystem.WriteAll(file, 0, data);
            _fileSystem.SyncAll();
        }

        Assert.InRange(_medium.LengthBytes, 1, 6 * SpacePolicy.Default.LargestHeld * ContainerLayout.BlockSize);
    }

    // Goal: a full host is an ENOSPC at the write; what was synced stays, deleting works and makes room again.
    [Theory]
    [InlineData(100)]
    [InlineData(50_000)]
    [InlineData(1_000_000)]
    public void A_full_host_is_ENOSPC_and_nothing_else(int fileSize)
    {
        _medium.CapacityBytes = 12 << 20;
        byte[] data = FileSystemExtensions.RandomBytes(fileSize);
        List<string> written = [];
        Errno outcome = Errno.None;
        for (int i = 0; i < 200_000 && outcome == Errno.None; i++)
        {
            string name = $"f{i}";
            outcome = _fileSystem.CreateNode(InodeNumber.Root, name.Utf8(), ModeBits.RegularFile, 0, 0, 0, out InodeAttributes file);
            if (outcome == Errno.None)
                outcome = _fileSystem.Write(file.Inode, 0, data, true, false);
            if (outcome == Errno.None && i % 50 == 0)
                outcome = _fileSystem.Sync();
            if (outcome == Errno.None)
                written.Add(name);
        }

        Assert.Equal(Errno.ENOSPC, outcome);
        Assert.False(_fileSystem.IsReadOnly);
        Assert.Equal(Errno.None, _fileSystem.Sync());
        Reopen();
        foreach (string name in written)
        {
            Assert.Equal(Errno.None, _fileSystem.Lookup(InodeNumber.Root, name.Utf8(), out InodeAttributes file));
            Assert.Equal(data, _fileSystem.ReadAll(file.Inode, 0, fileSize));
            Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, name.Utf8()));
            _fileSystem.Forget(file.Inode, 1);
        }

        _fileSystem.CommitAll();
        _fileSystem.CommitAll();
        _fileSystem.WriteAll(_fileSystem.CreateFile("again"), 0, data);
        _fileSystem.Close();
        VaultAudit.Check(_medium.Snapshot(), _master);
    }

    // Goal: a failing host makes the vault read-only and says EIO; the last durable state stands.
    [Fact]
    public void A_failing_host_makes_the_vault_read_only()
    {
        InodeNumber file = _fileSystem.CreateFile("kept");
        _fileSystem.WriteAll(file, 0, FileSystemExtensions.RandomBytes(100_000));
        _fileSystem.CommitAll();
        _medium.FailAfterOperations = _medium.OperationCount;
        _fileSystem.WriteAll(file, 0, "lost"u8);
        Assert.Equal(Errno.EIO, _fileSystem.Sync());
        Assert.True(_fileSystem.IsReadOnly);
        Assert.Equal(Errno.EROFS, _fileSystem.Write(file, 0, "more"u8, true, false));
        Assert.Equal(Errno.EIO, _fileSystem.Sync());
        Assert.Throws<VaultException>(_fileSystem.Close);
        _medium.FailAfterOperations = long.MaxValue;
        _fileSystem = TestVault.Open(_medium, _master);
        Assert.Equal(FileSystemExtensions.RandomBytes(100_000), _fileSystem.ReadAll(file, 0, 200_000));
    }

    private long Free() => _fileSystem.GetStatistics().FreeBlocks - (_fileSystem.GetStatistics().TotalBlocks - (_medium.LengthBytes / 4096));

    private void Reopen()
    {
        _fileSystem.Close();
        VaultAudit.Check(_medium.Snapshot(), _master);
        _fileSystem = TestVault.Open(_medium, _master);
    }
}
