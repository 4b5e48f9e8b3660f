using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class OpeningTests : IDisposable
{
    private const int SlotCount = ContainerLayout.SuperblockSlotCount;

    private readonly MemoryMedium _medium;
    private readonly MasterKey _master;
    private readonly List<string> _states = [];
    private readonly ulong _firstGeneration;

    /// <summary>Makes a vault with a state of its own in each slot of the ring.</summary>
    public OpeningTests()
    {
        _medium = TestVault.Create(out _master);
        using VaultFileSystem fileSystem = TestVault.Open(_medium, _master);
        _firstGeneration = fileSystem.DurableGeneration;
        _states.Add(FileSystemDump.Of(fileSystem));
        for (int i = 0; i < SlotCount + 3; i++)
        {
            fileSystem.WriteAll(fileSystem.CreateFile($"f{i}"), 0, FileSystemExtensions.RandomBytes(10_000, i));
            fileSystem.CommitAll();
            _states.Add(FileSystemDump.Of(fileSystem));
        }
    }

    private ulong Newest => _firstGeneration + (ulong)_states.Count - 1;

    public void Dispose() => _master.Dispose();

    // Goal: a vault whose header copies are damaged, torn or unreadable opens as long as one is whole, and an unlock for
    // writing mends the other one without touching the good one; with both gone it says why.
    // Method: all combinations of what can be wrong with each copy.
    [Fact]
    public void One_whole_header_copy_is_enough()
    {
        byte[] whole = _medium.Snapshot();
        string[] kinds = ["whole", "bit", "zeros", "half", "noise", "unreadable"];
        foreach ((string a, string b) in kinds.SelectMany(a => kinds.Select(b => (a, b))))
        {
            MemoryMedium medium = new((byte[])whole.Clone());
            Damage(medium, ContainerLayout.HeaderCopyAOffset, a);
            Damage(medium, ContainerLayout.HeaderCopyBOffset, b);
            medium.BeforeRead = offset => RefuseUnreadable(offset, a, b);
            if (a != "whole" && b != "whole")
            {
                VaultException refused = Assert.Throws<VaultException>(() => TestVault.Open(medium, _master));
                Assert.True(refused.Failure is VaultFailure.HeaderDamaged or VaultFailure.NotAVault, $"{a}, {b}: {refused.Failure}");
                continue;
            }

            medium.IsReadOnly = true;
            using (VaultFileSystem readOnly = TestVault.Open(medium, _master, readOnly: true))
                Assert.Equal(_states[^1], FileSystemDump.Of(readOnly));
            medium.IsReadOnly = false;
            medium.BeforeWrite = offset => Assert.False(offset == (a == "whole" ? ContainerLayout.HeaderCopyAOffset : ContainerLayout.HeaderCopyBOffset));
            TestVault.Open(medium, _master).Dispose();
            Assert.Equal(whole, medium.Snapshot());
        }
    }

    // Goal: a crash at any instant of a change of the header locks nobody out, and the next unlock finishes it, or takes it
    // back if neither copy was whole yet. Method: each copy old, new, or torn at each sector, in the order of the change
    // and in the other one.
    [Fact]
    public void A_change_of_the_header_that_broke_off_is_finished()
    {
        byte[] old = _medium.Snapshot()[..VaultHeader.SizeBytes];
        byte[] changed = HeaderBytes.Next(old, _master);
        for (int sectors = 0; sectors <= 8; sectors++)
        {
            byte[] torn = [.. changed[..(sectors * 512)], .. old[(sectors * 512)..]];
            CheckHeaders(torn, old, sectors == 8 ? changed : old);
            CheckHeaders(changed, torn, changed);
            CheckHeaders(old, torn, sectors == 8 ? changed : old);
            CheckHeaders(torn, changed, changed);
        }
    }

    // Goal: an unlock takes the newest state whose superblock authenticates. Two damaged slots after it may have held two
    // newer states, to which its blocks may be lost: then nothing is written.
    // Method: every single slot, and every pair of neighbours.
    [Fact]
    public void The_newest_whole_state_opens()
    {
        byte[] whole = _medium.Snapshot();
        for (int damaged = 0; damaged < SlotCount; damaged++)
        {
            MemoryMedium medium = new((byte[])whole.Clone());
            FlipSlot(medium, damaged);
            bool isNewest = damaged == SuperblockRing.SlotOf(Newest);
            AssertOpens(medium, isNewest ? 1 : 0, 1, readOnly: false);

            medium.Restore(whole);
            FlipSlot(medium, damaged);
            int next = (damaged + 1) % SlotCount;
            bool bothNewest = next == SuperblockRing.SlotOf(Newest);
            FlipSlot(medium, next);
            if (bothNewest)
                Assert.Equal(VaultFailure.NewerStateLost, Assert.Throws<VaultException>(() => TestVault.Open(medium, _master)).Failure);
            else
                AssertOpens(medium, isNewest ? 1 : 0, 2, readOnly: isNewest || damaged == SuperblockRing.SlotOf(Newest + 1));
        }
    }

    // Goal: without any superblock the vault says so.
    [Fact]
    public void No_superblock_is_corruption()
    {
        for (int slot = 0; slot < SlotCount; slot++)
            FlipSlot(_medium, slot);
        Assert.Equal(VaultFailure.Corrupted, Assert.Throws<VaultException>(() => TestVault.Open(_medium, _master)).Failure);
    }

    // Goal: the first commits of a session go to the slots behind the one that was opened, never over it or the one before.
    [Fact]
    public void A_session_does_not_overwrite_what_it_opened()
    {
        byte[] before = _medium.Snapshot();
        using VaultFileSystem fileSystem = TestVault.Open(_medium, _master);
        for (int i = 1; i < SlotCount - 1; i++)
        {
            fileSystem.CreateFile($"g{i}");
            fileSystem.CommitAll();
            Assert.Equal(SlotBytes(before, Newest), SlotBytes(_medium.Snapshot(), Newest));
            Assert.Equal(SlotBytes(before, Newest - 1), SlotBytes(_medium.Snapshot(), Newest - 1));
            Assert.NotEqual(SlotBytes(before, Newest + (ulong)i), SlotBytes(_medium.Snapshot(), Newest + (ulong)i));
        }
    }

    private void CheckHeaders(byte[] copyA, byte[] copyB, byte[] expected)
    {
        MemoryMedium medium = new(_medium.Snapshot());
        medium.Write(ContainerLayout.HeaderCopyAOffset, copyA);
        medium.Write(ContainerLayout.HeaderCopyBOffset, copyB);
        using VaultFileSystem fileSystem = VaultContainer.Open(medium, _master, TestVault.Quiet, out OpeningReport report);
        Assert.Equal(_states[^1], FileSystemDump.Of(fileSystem));
        Assert.Equal(!copyA.AsSpan().SequenceEqual(copyB), report.HeaderCopyMended);
        foreach (long offset in (long[])[ContainerLayout.HeaderCopyAOffset, ContainerLayout.HeaderCopyBOffset])
            Assert.Equal(expected, medium.Snapshot().AsSpan((int)offset, VaultHeader.SizeBytes));
    }

    private static byte[] SlotBytes(byte[] image, ulong generation) =>
        image.AsSpan((int)(ContainerLayout.SuperblockRingBlock + (ulong)SuperblockRing.SlotOf(generation)) * ContainerLayout.BlockSize, ContainerLayout.BlockSize).ToArray();

    private static void FlipSlot(MemoryMedium medium, int slot) =>
        ContainerUnits.FlipBit(medium, new BlockAddress(ContainerLayout.SuperblockRingBlock + (ulong)slot));

    private static void Damage(MemoryMedium medium, long offset, string kind)
    {
        byte[] copy = new byte[VaultHeader.SizeBytes];
        medium.Read(offset, copy);
        switch (kind)
        {
            case "bit":
                copy[300] ^= 1;
                break;
            case "zeros":
                copy.AsSpan().Clear();
                break;
            case "half":
                copy.AsSpan(2048).Clear();
                break;
            case "noise":
                new Random(1).NextBytes(copy);
                break;
        }

        medium.Write(offset, copy);
    }

    private static void RefuseUnreadable(long offset, string a, string b)
    {
        if ((a == "unreadable" && offset == ContainerLayout.HeaderCopyAOffset) || (b == "unreadable" && offset == ContainerLayout.HeaderCopyBOffset))
            throw new VaultException(VaultFailure.IoError, "Simulated bad sector.");
    }

    private void AssertOpens(MemoryMedium medium, int statesBack, int damagedSlots, bool readOnly)
    {
        using VaultFileSystem fileSystem = VaultContainer.Open(medium, _master, TestVault.Quiet, out OpeningReport report);
        Assert.Equal(damagedSlots, report.DamagedSlots);
        Assert.Equal(Newest - (ulong)statesBack, report.Generation);
        Assert.Equal(readOnly, fileSystem.IsReadOnly);
        Assert.Equal(_states[_states.Count - 1 - statesBack], FileSystemDump.Of(fileSystem));
    }

    // Goal: an old header put back, with a passphrase that was removed since, is refused; so is a container that was cut.
    // Method: the superblock says that the header was changed once more than it was; the file loses its last block.
    [Fact]
    public void An_old_header_and_a_cut_container_are_refused()
    {
        MemoryMedium cut = new(_medium.Snapshot());
        cut.SetLength(cut.LengthBytes - 1);
        Assert.Equal(VaultFailure.Truncated, Assert.Throws<VaultException>(() => TestVault.Open(cut, _master)).Failure);

        VaultHeader header = HeaderCopies.Verify(_medium, _master);
        using VaultCipher cipher = new(_master, header.Id, header.Suite);
        SuperblockRing ring = new(_medium, cipher);
        Superblock newest = ring.Read().Newest!;
        _ = ring.Write(newest with { Generation = newest.Generation + 1, HeaderSequence = header.Sequence + 1 }, RandomSource.System);
        Assert.Equal(VaultFailure.HeaderRolledBack, Assert.Throws<VaultException>(() => TestVault.Open(_medium, _master)).Failure);
    }
}
