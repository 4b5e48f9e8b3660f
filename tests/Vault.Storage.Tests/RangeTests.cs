using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class RangeTests : IDisposable
{
    private const int Chunk = 32 * 1024;
    private const AllocationMode Punch = AllocationMode.PunchHole | AllocationMode.KeepSize;

    private readonly MemoryMedium _medium;
    private readonly MasterKey _master;
    private readonly VaultFileSystem _fileSystem;
    private readonly byte[] _data = FileSystemExtensions.RandomBytes((8 * Chunk) + 5000);
    private readonly InodeNumber _file;

    public RangeTests()
    {
        _medium = TestVault.Create(out _master);
        _fileSystem = TestVault.Open(_medium, _master);
        _file = _fileSystem.CreateFile("file");
        _fileSystem.WriteAll(_file, 0, _data);
    }

    public void Dispose() => _fileSystem.Dispose();

    // Goal: where somebody else sets the times of regular files, no change of content does.
    // Method: write, allocate, punch and copy with and without.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Content_changes_leave_times_to_whoever_owns_them(bool leavesTimes)
    {
        InodeNumber file = _fileSystem.CreateFile("timed");
        _fileSystem.WriteAll(file, 0, FileSystemExtensions.RandomBytes(100_000));
        _fileSystem.LeavesTimes = leavesTimes;
        foreach (Func<Errno> change in (Func<Errno>[])
        [
            () => _fileSystem.Write(file, 5, "text"u8, true, false),
            () => _fileSystem.Allocate(file, 0, 200_000, AllocationMode.Extend, false),
            () => _fileSystem.Allocate(file, 0, 50_000, Punch, false),
            () => _fileSystem.CopyRange(file, 0, file, 100_000, 1000, false, false, out _),
        ])
        {
            Timestamp before = _fileSystem.Stat(file).ModifyTime;
            Assert.True(SpinWait.SpinUntil(() => before.IsBefore(Clock.System.Now), TimeSpan.FromSeconds(5)));
            Assert.Equal(Errno.None, change());
            Assert.Equal(leavesTimes, before == _fileSystem.Stat(file).ModifyTime);
            Assert.Equal(leavesTimes, before == _fileSystem.Stat(file).ChangeTime);
        }
    }

    // Goal: a range that was punched or zeroed reads as zeros, the rest as before; whole chunks give their blocks back, sealed or not.
    // Method: ranges that begin and end at, before and behind borders of chunks and the end of the file, against an array.
    [Theory]
    [InlineData(0, Chunk, 8)]
    [InlineData(0, 1, 0)]
    [InlineData(100, 200, 0)]
    [InlineData(100, Chunk - 100, 0)]
    [InlineData(Chunk - 1, 2, 0)]
    [InlineData(Chunk + 1, 3 * Chunk, 16)]
    [InlineData(8 * Chunk, 5000, 2)]
    [InlineData(8 * Chunk, 4999, 0)]
    [InlineData((7 * Chunk) + 1, 10 * Chunk, 2)]
    [InlineData(0, 100 * Chunk, 66)]
    [InlineData(20 * Chunk, 5, 0)]
    public void A_range_becomes_zeros(int offset, int length, int freedBlocks)
    {
        foreach (AllocationMode mode in (AllocationMode[])[Punch, AllocationMode.ZeroRange, AllocationMode.ZeroRange | AllocationMode.KeepSize])
        {
            foreach (bool isSealed in (bool[])[true, false])
            {
                InodeNumber file = _fileSystem.CreateFile($"{mode} {isSealed}");
                _fileSystem.WriteAll(file, 0, _data.AsSpan(0, 5));
                _fileSystem.WriteAll(file, 5, _data.AsSpan(5));
                if (isSealed)
                    _fileSystem.CommitAll();
                bool extends = (mode & AllocationMode.KeepSize) == 0;
                byte[] expected = new byte[extends ? Math.Max(_data.Length, offset + length) : _data.Length];
                _data.CopyTo(expected, 0);
                int start = Math.Min(offset, expected.Length);
                expected.AsSpan(start, Math.Min(offset + length, expected.Length) - start).Clear();
                long before = _fileSystem.Stat(file).Blocks512 / 8;
                Assert.Equal(Errno.None, _fileSystem.Allocate(file, offset, length, mode, clearSetIds: false));
                Assert.Equal(expected, _fileSystem.ReadAll(file, 0, expected.Length + 1));
                Assert.Equal(before - freedBlocks, _fileSystem.Stat(file).Blocks512 / 8);
                _fileSystem.CommitAll();
                Assert.Equal(expected, _fileSystem.ReadAll(file, 0, expected.Length + 1));
                Assert.Equal(before - freedBlocks, _fileSystem.Stat(file).Blocks512 / 8);
            }
        }

        Audit();
    }

    // Goal: a chunk of which nothing is left goes, however small the pieces were.
    [Fact]
    public void Small_holes_add_up_to_a_chunk()
    {
        long before = _fileSystem.Stat(_file).Blocks512;
        for (int page = 0; page < Chunk / 4096; page++)
            Assert.Equal(Errno.None, _fileSystem.Allocate(_file, Chunk + (page * 4096), 4096, Punch, false));
        Assert.Equal(before - (Chunk / 512), _fileSystem.Stat(_file).Blocks512);
        Assert.Equal((Chunk, 2 * Chunk), (Seek(0, SeekTarget.Hole), Seek(Chunk, SeekTarget.Data)));
        Audit();
    }

    // Goal: a hole of any size is punched in bounded steps. Method: 5,000 chunks of 4 KiB, cloned first, so that steps are small.
    [Fact]
    public void A_large_hole_in_a_file_of_many_chunks()
    {
        MemoryMedium medium = TestVault.Create(out MasterKey master, 4096);
        using VaultFileSystem fileSystem = TestVault.Open(medium, master);
        byte[] data = FileSystemExtensions.RandomBytes(5000 * 4096);
        InodeNumber file = fileSystem.CreateFile("file");
        InodeNumber clone = fileSystem.CreateFile("clone");
        fileSystem.WriteAll(file, 0, data);
        Assert.Equal(Errno.None, fileSystem.CopyRange(file, 0, clone, 0, data.Length, false, false, out long copied));
        Assert.Equal(data.Length, copied);
        Assert.Equal(Errno.None, fileSystem.Allocate(file, 4096, data.Length - 8192, Punch, false));
        Assert.Equal(16, fileSystem.Stat(file).Blocks512);
        Assert.Equal(data, fileSystem.ReadAll(clone, 0, data.Length));
        Assert.Equal(0, fileSystem.SetSize(clone, 0).Blocks512);
        fileSystem.CommitAll();
        VaultAudit.Check(medium.Snapshot(), master);
    }

    // Goal: mode 0 extends or not, takes no blocks, and is refused if there is no space for the range.
    [Fact]
    public void Allocation_extends_and_asks_for_space()
    {
        InodeNumber file = _fileSystem.CreateFile("empty");
        Assert.Equal(Errno.None, _fileSystem.Allocate(file, 1000, 5000, AllocationMode.KeepSize, false));
        Assert.Equal(0, _fileSystem.Stat(file).SizeBytes);
        Assert.Equal(Errno.None, _fileSystem.Allocate(file, 1000, 5000, AllocationMode.Extend, false));
        Assert.Equal((6000L, 0L), (_fileSystem.Stat(file).SizeBytes, _fileSystem.Stat(file).Blocks512));
        Assert.Equal(new byte[6000], _fileSystem.ReadAll(file, 0, 7000));
        long available = _fileSystem.GetStatistics().AvailableBlocks * 4096;
        Assert.Equal(Errno.ENOSPC, _fileSystem.Allocate(file, 0, available + 8192, AllocationMode.Extend, false));
        Assert.Equal(6000, _fileSystem.Stat(file).SizeBytes);
    }

    // Goal: the errors are those of fallocate(2), and nothing changes with them.
    [Fact]
    public void Errors_of_allocation()
    {
        InodeNumber directory = _fileSystem.CreateDirectory("directory");
        Assert.Equal(Errno.None, _fileSystem.CreateNode(InodeNumber.Root, "fifo"u8, ModeBits.Fifo, 0, 0, 0, out InodeAttributes fifo));
        Assert.Equal(Errno.EISDIR, _fileSystem.Allocate(directory, 0, 1, AllocationMode.Extend, false));
        Assert.Equal(Errno.ENODEV, _fileSystem.Allocate(fifo.Inode, 0, 1, AllocationMode.Extend, false));
        Assert.Equal(Errno.ENOENT, _fileSystem.Allocate(new InodeNumber(999), 0, 1, AllocationMode.Extend, false));
        Assert.Equal(Errno.EINVAL, _fileSystem.Allocate(_file, -1, 1, AllocationMode.Extend, false));
        Assert.Equal(Errno.EINVAL, _fileSystem.Allocate(_file, 0, 0, AllocationMode.Extend, false));
        Assert.Equal(Errno.EFBIG, _fileSystem.Allocate(_file, 1, VaultFileSystem.MaxFileSize, AllocationMode.ZeroRange, false));
        Assert.Equal(Errno.EFBIG, _fileSystem.Allocate(_file, long.MaxValue, long.MaxValue, AllocationMode.ZeroRange, false));
        foreach (AllocationMode mode in (AllocationMode[])[AllocationMode.PunchHole, (AllocationMode)0x08, (AllocationMode)0x20, (AllocationMode)0x40, (AllocationMode)0x13])
            Assert.Equal(Errno.EOPNOTSUPP, _fileSystem.Allocate(_file, 0, 1, mode, false));
        Assert.Equal(_data, _fileSystem.ReadAll(_file, 0, _data.Length + 1));
        Assert.Equal(Errno.None, _fileSystem.Allocate(_file, VaultFileSystem.MaxFileSize - 1, 1, AllocationMode.ZeroRange, false));
        Assert.Equal(VaultFileSystem.MaxFileSize, _fileSystem.Stat(_file).SizeBytes);
    }

    // Goal: times and set-id bits follow, as on ext4.
    [Fact]
    public void Attributes_of_allocation()
    {
        foreach (AllocationMode mode in (AllocationMode[])[AllocationMode.Extend, AllocationMode.KeepSize, AllocationMode.ZeroRange, Punch])
        {
            AttributeChange change = new() { Fields = AttributeChanges.Mode | AttributeChanges.ModifyTime, Mode = 0xDED };
            Assert.Equal(Errno.None, _fileSystem.SetAttributes(_file, change, out _));
            Assert.Equal(Errno.None, _fileSystem.Allocate(_file, 0, 100, mode, clearSetIds: true));
            InodeAttributes attributes = _fileSystem.Stat(_file);
            Assert.Equal(0x1EDu, attributes.Mode & ModeBits.PermissionMask);
            Assert.NotEqual(0, attributes.ModifyTime.Seconds);
        }
    }

    // Goal: SEEK_DATA and SEEK_HOLE tell the truth about what is sealed, in memory, inline, behind the end.
    [Fact]
    public void Data_and_holes_are_found()
    {
        InodeNumber file = _fileSystem.CreateFile("sparse");
        _fileSystem.SetSize(file, 1L << 40);
        Assert.Equal((Errno.ENXIO, 0L), (Try(file, 0, SeekTarget.Data, out _), Seek(file, 0, SeekTarget.Hole)));
        _fileSystem.WriteAll(file, 5 * Chunk, _data.AsSpan(0, 2 * Chunk));
        _fileSystem.WriteAll(file, (1L << 39) + 7, "in memory"u8);
        foreach (bool isSealed in (bool[])[false, true])
        {
            if (isSealed)
                _fileSystem.CommitAll();
            Assert.Equal(5 * Chunk, Seek(file, 0, SeekTarget.Data));
            Assert.Equal((5 * Chunk) + 3, Seek(file, (5 * Chunk) + 3, SeekTarget.Data));
            Assert.Equal(7 * Chunk, Seek(file, 5 * Chunk, SeekTarget.Hole));
            Assert.Equal(1L << 39, Seek(file, 7 * Chunk, SeekTarget.Data));
            Assert.Equal((1L << 39) + Chunk, Seek(file, 1L << 39, SeekTarget.Hole));
            Assert.Equal(Errno.ENXIO, Try(file, (1L << 39) + Chunk, SeekTarget.Data, out _));
            Assert.Equal(Errno.ENXIO, Try(file, 1L << 40, SeekTarget.Hole, out _));
        }

        Assert.Equal(_data.Length, Seek(100, SeekTarget.Hole));
        Assert.Equal(Errno.ENXIO, Try(_file, _data.Length, SeekTarget.Data, out _));
        InodeNumber small = _fileSystem.CreateFile("small");
        Assert.Equal(Errno.ENXIO, Try(small, 0, SeekTarget.Hole, out _));
        _fileSystem.WriteAll(small, 0, "inline"u8);
        Assert.Equal((3L, 6L), (Seek(small, 3, SeekTarget.Data), Seek(small, 3, SeekTarget.Hole)));
        _fileSystem.SetSize(small, 1L << 40);
        Assert.Equal((3L, 4096L), (Seek(small, 3, SeekTarget.Data), Seek(small, 3, SeekTarget.Hole)));
        Assert.Equal(Errno.ENXIO, Try(small, 4096, SeekTarget.Data, out _));
        Assert.Equal(Errno.EINVAL, Try(small, 0, (SeekTarget)0, out _));
        Assert.Equal(Errno.EISDIR, Try(InodeNumber.Root, 0, SeekTarget.Data, out _));
    }

    // Goal: a hole behind many chunks is found in bounded steps. Method: 10,000 chunks.
    [Fact]
    public void The_end_of_much_data_is_found()
    {
        MemoryMedium medium = TestVault.Create(out MasterKey master, 4096);
        using VaultFileSystem fileSystem = TestVault.Open(medium, master);
        InodeNumber file = fileSystem.CreateFile("file");
        fileSystem.WriteAll(file, 0, new byte[10_000 * 4096]);
        fileSystem.SetSize(file, 20_000 * 4096);
        Assert.Equal(Errno.None, fileSystem.Seek(file, 0, SeekTarget.Hole, out long position));
        Assert.Equal(10_000 * 4096, position);
    }

    private long Seek(long offset, SeekTarget target) => Seek(_file, offset, target);

    private long Seek(InodeNumber file, long offset, SeekTarget target)
    {
        Assert.Equal(Errno.None, Try(file, offset, target, out long position));
        return position;
    }

    private Errno Try(InodeNumber file, long offset, SeekTarget target, out long position) => _fileSystem.Seek(file, offset, target, out position);

    private void Audit()
    {
        _fileSystem.CommitAll();
        VaultAudit.Check(_medium.Snapshot(), _master);
    }
}
