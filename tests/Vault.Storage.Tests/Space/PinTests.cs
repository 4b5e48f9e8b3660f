using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class PinTests : IDisposable
{
    private readonly MemoryMedium _medium;
    private readonly MasterKey _master;
    private readonly VaultFileSystem _fileSystem;
    private readonly Committer _committer;
    private readonly SpaceMap _space;

    public PinTests()
    {
        _medium = TestVault.Create(out _master);
        _fileSystem = TestVault.Open(_medium, _master);
        _committer = PrivateState.Field<Committer>(_fileSystem, "_committer");
        _space = PrivateState.Field<Volume>(_fileSystem, "_volume").Space;
    }

    public void Dispose() => _fileSystem.Dispose();

    // Goal: a pinned state stays whole however many commits follow it, and its space comes back when it is unpinned.
    // Method: overwrite everything many times; then the pinned state's superblock becomes the newest again and is audited.
    [Fact]
    public void A_pinned_state_stays_whole()
    {
        InodeNumber file = _fileSystem.CreateFile("file");
        _fileSystem.WriteAll(file, 0, FileSystemExtensions.RandomBytes(600_000));
        _fileSystem.CommitAll();
        string expected = FileSystemDump.Of(_fileSystem);
        Superblock pinned = _committer.PinDurable();
        byte[] ring = RingOf(_medium.Snapshot()).ToArray();
        for (int i = 0; i < 12; i++)
        {
            _fileSystem.WriteAll(file, 0, FileSystemExtensions.RandomBytes(600_000, seed: i));
            _fileSystem.WriteAll(_fileSystem.CreateFile($"f{i}"), 0, FileSystemExtensions.RandomBytes(3000));
            _fileSystem.CommitAll();
        }

        byte[] image = _medium.Snapshot();
        ring.CopyTo(RingOf(image));
        RingOf(image).Slice(SuperblockRing.SlotOf(pinned.Generation - 1) * ContainerLayout.BlockSize, ContainerLayout.BlockSize).Clear();
        VaultAudit.Check(image, _master);
        using (VaultFileSystem old = TestVault.Open(new MemoryMedium(image), _master, readOnly: true))
            Assert.Equal(expected, FileSystemDump.Of(old));

        Assert.InRange(_space.HeldBlocks, 600_000 / 4096, long.MaxValue);
        _committer.Unpin();
        _committer.ReleaseFreedSpace();
        Assert.InRange(_space.HeldBlocks, 0, 50 + SpacePolicy.Default.FirstLogSegment);
        VaultAudit.Check(_medium.Snapshot(), _master);
    }

    // Goal: pins are counted.
    [Fact]
    public void Space_comes_back_with_the_last_unpin()
    {
        InodeNumber file = _fileSystem.CreateFile("file");
        _fileSystem.WriteAll(file, 0, FileSystemExtensions.RandomBytes(600_000));
        _ = _committer.PinDurable();
        _ = _committer.PinDurable();
        _fileSystem.SetSize(file, 0);
        _committer.Unpin();
        _committer.ReleaseFreedSpace();
        _committer.ReleaseFreedSpace();
        long held = _space.HeldBlocks;
        _committer.Unpin();
        Assert.InRange(_space.HeldBlocks, 0, held - 1);
        Assert.Throws<InvalidOperationException>(_committer.Unpin);
    }

    // Goal: who pins learns that a full host wants the space, and the writer does not wait for ever.
    // Method: delete everything on a full host under a pin, and write again.
    [Fact]
    public void A_full_host_asks_for_pinned_space()
    {
        _medium.CapacityBytes = 4 << 20;
        InodeNumber file = _fileSystem.CreateFile("file");
        byte[] data = FileSystemExtensions.RandomBytes(1_400_000);
        _fileSystem.WriteAll(file, 0, data);
        _fileSystem.CommitAll();
        _ = _committer.PinDurable();
        Assert.False(_space.PinIsInTheWay);
        Errno outcome = Errno.None;
        for (int i = 0; i < 4 && outcome == Errno.None; i++)
        {
            _fileSystem.SetSize(file, 0);
            outcome = _fileSystem.Write(file, 0, data, true, false);
            _fileSystem.CommitAll();
        }

        Assert.Equal(Errno.ENOSPC, outcome);
        Assert.True(_space.PinIsInTheWay);
        _committer.Unpin();
        Assert.False(_space.PinIsInTheWay);
        _fileSystem.WriteAll(file, 0, data);
    }

    private static Span<byte> RingOf(byte[] image) => image.AsSpan(
        (int)ContainerLayout.SuperblockRingBlock * ContainerLayout.BlockSize, ContainerLayout.SuperblockSlotCount * ContainerLayout.BlockSize);
}
