using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class SpaceMapTests : IDisposable
{
    private readonly MemoryMedium _medium;
    private readonly MasterKey _master;
    private VaultFileSystem _fileSystem;

    public SpaceMapTests()
    {
        _medium = TestVault.Create(out _master);
        _fileSystem = TestVault.Open(_medium, _master);
    }

    public void Dispose() => _fileSystem.Dispose();

    // Goal: a damaged bitmap costs the space of its group and nothing else: what lies there can be read, overwritten and
    // deleted, the rest of the vault grows elsewhere, and nothing of ours is overwritten.
    // Method: the only bitmap is damaged: all that is written comes to lie behind the 128 MiB that it covers.
    [Fact]
    public void A_damaged_bitmap_costs_its_group_only()
    {
        byte[] data = FileSystemExtensions.RandomBytes(400_000);
        InodeNumber kept = _fileSystem.CreateFile("kept");
        _fileSystem.WriteAll(kept, 0, data);
        InodeNumber changed = _fileSystem.CreateFile("changed");
        _fileSystem.WriteAll(changed, 0, data);
        InodeNumber deleted = _fileSystem.CreateFile("deleted");
        _fileSystem.WriteAll(deleted, 0, data);
        _fileSystem.Close();
        BlockPointer bitmap = ContainerUnits.Of(_medium.Snapshot(), _master).Single(u => u.Pointer.Kind == SealKind.SpaceBitmap).Pointer;
        ContainerUnits.FlipBit(_medium, bitmap);
        byte[] before = _medium.Snapshot();
        _fileSystem = TestVault.Open(_medium, _master);
        _fileSystem.WriteAll(_fileSystem.CreateFile("new"), 0, data);
        byte[] other = FileSystemExtensions.RandomBytes(200_000, 2);
        _fileSystem.WriteAll(changed, 100_000, other);
        Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, "deleted"u8));
        _fileSystem.Forget(deleted, 1);
        for (int i = 0; i < 3; i++)
        {
            _fileSystem.CommitAll();
            _fileSystem.GiveBackSpace();
        }

        _fileSystem.Close();
        int fixedBytes = (int)ContainerLayout.FirstDataBlock * ContainerLayout.BlockSize;
        Assert.True(before.AsSpan(fixedBytes).SequenceEqual(_medium.Snapshot().AsSpan(fixedBytes, before.Length - fixedBytes)), "Blocks were written that nobody knows to be free.");
        _fileSystem = TestVault.Open(_medium, _master);
        Assert.Equal(data, _fileSystem.ReadAll(kept, 0, data.Length));
        Assert.Equal(other, _fileSystem.ReadAll(changed, 100_000, other.Length));
        Assert.Equal(3, FileSystemDump.List(_fileSystem, InodeNumber.Root).Count - 2);
    }

    // Goal: bitmaps leave memory when they hold nothing of worth, the counts stay right, and full groups are not read again.
    // Method: a medium of 3 GiB (24 groups) that stores bitmaps and index pages only, and a map that keeps four; fill it,
    // free some, commit; then find every free block again.
    [Fact]
    public void Bitmaps_leave_memory()
    {
        using VaultCipher cipher = new(_master, new VaultId(7), CipherSuite.Aes256Gcm);
        using SealingSession session = new(cipher, RandomSource.System);
        using SparseMedium medium = new();
        SealedUnits units = new(medium, cipher, session);
        SpacePolicy policy = new() { SoftPageLimit = 4, HardPageLimit = 8 };
        SpaceMap space = SpaceMap.CreateEmpty(medium, units, 1, policy);
        List<BlockAddress> runs = [];
        for (ulong generation = 2; runs.Count < 24 * 128; generation++)
        {
            for (int i = 0; i < 128; i++)
            {
                Assert.True(space.TryAllocateRun(256, 256, mayUseReserve: false, out BlockAddress start, out _));
                runs.Add(start);
            }

            Commit(space, generation);
            Assert.InRange(LoadedPages(space), 1, 20);
        }

        Assert.Equal(runs.Count, runs.Distinct().Count());
        long reads = medium.ReadCount;
        for (int i = 0; i < 500; i++)
            Assert.True(space.TryAllocateRun(8, 8, mayUseReserve: false, out _, out _));
        Assert.InRange(medium.ReadCount - reads, 0, 60); // not the 24 groups for each
    }

    private static void Commit(SpaceMap space, ulong generation)
    {
        space.Freeze(generation);
        _ = space.WriteFrozen(generation - 1);
        space.ReleaseHeld();
    }

    private static int LoadedPages(SpaceMap space) => PrivateState.Field<BitmapPage?[]>(space, "_groups").Count(page => page is not null);

    private sealed class SparseMedium : IMedium
    {
        private readonly Dictionary<long, byte[]> _writes = [];

        public long ReadCount { get; private set; }

        public long LengthBytes { get; private set; }

        public bool IsReadOnly => false;

        public long HostFreeBytes => long.MaxValue;

        public int Read(long offsetBytes, Span<byte> destination)
        {
            ReadCount++;
            _writes[offsetBytes].CopyTo(destination);
            return destination.Length;
        }

        public void Write(long offsetBytes, ReadOnlySpan<byte> source) => _writes[offsetBytes] = source.ToArray();

        public void Flush()
        {
        }

        public void Allocate(long offsetBytes, long lengthBytes) => LengthBytes = Math.Max(LengthBytes, offsetBytes + lengthBytes);

        public void Trim(long offsetBytes, long lengthBytes) => throw new NotSupportedException();

        public void SetLength(long lengthBytes) => LengthBytes = lengthBytes;

        public void Dispose()
        {
        }
    }
}
