using System.Numerics;
using Vault.Crypto;

namespace Vault.Storage.Tests;

/// <summary>Which state opens, and how, for patterns of the superblock ring that a crash, damage or an attacker leaves.</summary>
public sealed class OpeningPatternTests : IDisposable
{
    private const int SlotCount = ContainerLayout.SuperblockSlotCount;
    private const int FileSize = 10_000;

    private readonly MemoryMedium _medium;
    private readonly MasterKey _master;
    private readonly List<byte[]> _images = [];
    private readonly ulong _first;

    /// <summary>Makes a vault with a state of its own in each slot: state i has i files. The newest was not locked.</summary>
    public OpeningPatternTests()
    {
        _medium = TestVault.Create(out _master);
        using VaultFileSystem fileSystem = TestVault.Open(_medium, _master);
        _first = fileSystem.DurableGeneration;
        _images.Add(_medium.Snapshot());
        for (int i = 0; i < SlotCount + 3; i++)
        {
            fileSystem.WriteAll(fileSystem.CreateFile($"f{i}"), 0, FileSystemExtensions.RandomBytes(FileSize, i));
            fileSystem.CommitAll();
            _images.Add(_medium.Snapshot());
        }
    }

    private ulong Newest => _first + (ulong)_images.Count - 1;

    private byte[] Image => _images[^1];

    public void Dispose() => _master.Dispose();

    // Goal: for every set of unreadable slots: the newest state, or the one before if only the newest superblock is lost, opens
    // for writing; anything else is read-only or refused. With the option every one of them opens for writing, and is as
    // good as new at the next unlock. Method: all 256 sets.
    [Fact]
    public void Every_set_of_unreadable_slots()
    {
        for (int set = 0; set < 1 << SlotCount; set++)
        {
            byte[] image = (byte[])Image.Clone();
            for (int slot = 0; slot < SlotCount; slot++)
            {
                if ((set & (1 << slot)) != 0)
                    image[SlotOffset(slot) + 100] ^= 4;
            }

            bool IsLost(ulong generation) => (set & (1 << SuperblockRing.SlotOf(generation))) != 0;
            int lostStates = 0;
            while (lostStates < SlotCount && IsLost(Newest - (ulong)lostStates))
                lostStates++;
            if (lostStates == SlotCount)
            {
                Assert.Equal(VaultFailure.Corrupted, Assert.Throws<VaultException>(() => TestVault.Open(new MemoryMedium(image), _master)).Failure);
                continue;
            }

            Opening found = Open(image, acceptOlder: false);
            bool isNormal = lostStates == 0 ? !IsLost(Newest + 1) || !IsLost(Newest + 2) : lostStates == 1 && !IsLost(Newest + 1);
            if (isNormal)
            {
                Assert.Equal((NewerStates.None, false), (found.Report!.NewerStates, found.IsReadOnly));
                Assert.Equal(Newest - (ulong)lostStates, found.Report.Generation);
                Assert.Equal(IsLost(found.Report.Generation + 1), found.Report.IsNewestTorn);
                Assert.Equal(BitOperations.PopCount((uint)set), found.Report.DamagedSlots);
            }
            else if (found.Report is { } report)
            {
                Assert.Equal((NewerStates.PerhapsLost, true), (report.NewerStates, found.IsReadOnly));
                Assert.Equal(Newest - (ulong)lostStates, report.Generation);
                Assert.True(report.LostThrough >= Newest);
            }
            else
            {
                Assert.True(found.Failure == VaultFailure.NewerStateLost || (lostStates > 1 && found.Failure == VaultFailure.Corrupted));
            }

            Opening accepted = Open(image, acceptOlder: true);
            if (accepted.Report is null)
                Assert.True(lostStates > 1 && accepted.Failure == VaultFailure.Corrupted); // no state was whole: its blocks are used again
            else
                Assert.False(accepted.IsReadOnly);
        }
    }

    // Goal: a superblock that authenticates over roots that do not is a lost state: it takes a decision to go on from the
    // newest that is whole, and nothing of that is overwritten first.
    // Method: the roots of tree or space map of the newest 1 to 8 states damaged in all copies.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_state_without_its_roots_is_lost(bool tree)
    {
        byte[] image = (byte[])Image.Clone();
        IReadOnlyList<Superblock> all = RingOf(image).All;
        HashSet<BlockAddress> damaged = [default];
        for (int lost = 1; lost <= SlotCount; lost++)
        {
            Superblock state = all[lost - 1];
            BlockPointer root = tree ? state.TreeRoot : state.Space.Index;
            foreach (BlockAddress copy in (BlockAddress[])[root.Address, root.Second])
                image[copy.OffsetBytes + 100] ^= (byte)(damaged.Add(copy) ? 4 : 0);
            Opening refused = Open(image, acceptOlder: false);
            Assert.Null(refused.Report);
            Assert.True(refused.Failure == VaultFailure.NewerStateLost || (lost > 1 && refused.Failure == VaultFailure.Corrupted));
            Opening accepted = Open(image, acceptOlder: true);
            if (accepted.Report is not { } report)
            {
                Assert.True(lost > 1);
                continue;
            }

            Assert.True(report.Generation <= Newest - (ulong)lost);
            Assert.Equal((NewerStates.Lost, Newest, false), (report.NewerStates, report.LostThrough, accepted.IsReadOnly));
            Assert.NotNull(report.LostCommitTime);
            if (lost == 1)
                Assert.Equal((Newest - 1, true), (report.Generation, accepted.WasWhole));
        }
    }

    // Goal: old superblocks put back, in any place and number, never bring out wrong data or an untyped failure, and what
    // is written then does no more harm. Method: each slot from each older image; the newest slots, 1 to 8, from each.
    [Fact]
    public void Old_superblocks_put_back()
    {
        for (int old = 0; old < _images.Count - 1; old++)
        {
            for (int slot = 0; slot < SlotCount; slot++)
                OpenBothWays(Replayed(_images[old], slot));
            for (int count = 2; count <= SlotCount; count++)
                OpenBothWays(Replayed(_images[old], [.. Enumerable.Range(0, count).Select(i => SuperblockRing.SlotOf(Newest - (ulong)i))]));
        }

        // The slot after the newest with an older superblock than it must hold: no crash does that.
        Opening stale = Open(Replayed(_images[1], SuperblockRing.SlotOf(Newest + 1)), acceptOlder: false);
        Assert.Equal((Newest, NewerStates.PerhapsLost, true), (stale.Report!.Generation, stale.Report.NewerStates, stale.IsReadOnly));
    }

    // Goal: superblocks of another copy of the vault, which went on by itself, lead to no wrong data.
    // Method: two copies that diverged four states ago; the newest 1 to 4 slots of one in the other.
    [Fact]
    public void Superblocks_of_a_diverged_copy()
    {
        MemoryMedium other = new((byte[])_images[^5].Clone());
        using (VaultFileSystem fileSystem = TestVault.Open(other, _master))
        {
            for (int i = 0; i < 6; i++)
            {
                fileSystem.WriteAll(fileSystem.CreateFile($"other {i}"), 0, new byte[FileSize]);
                fileSystem.CommitAll();
            }
        }

        byte[] foreign = other.Snapshot();
        for (int count = 1; count <= 6; count++)
        {
            byte[] image = (byte[])Image.Clone();
            for (ulong generation = Newest + 3 - (ulong)count; generation <= Newest + 2; generation++)
                foreign.AsSpan(SlotOffset(SuperblockRing.SlotOf(generation)), ContainerLayout.BlockSize).CopyTo(image.AsSpan(SlotOffset(SuperblockRing.SlotOf(generation))));
            VaultFailure? refused = Open(image, acceptOlder: false).Failure;
            Assert.True(refused == VaultFailure.NewerStateLost || (count > 3 && refused == VaultFailure.Corrupted));
            Opening accepted = Open(image, acceptOlder: true);
            Assert.True(accepted.Report is null ? count > 3 : accepted.Report.NewerStates == NewerStates.Lost);
        }
    }

    // Goal: however the write of the newest superblock is torn, the vault opens for writing, in that state or the one before.
    // Method: every set of the slot's eight sectors.
    [Fact]
    public void A_torn_superblock_is_normal()
    {
        int offset = SlotOffset(SuperblockRing.SlotOf(Newest));
        const int Sector = 512;
        for (int set = 0; set < 256; set++)
        {
            byte[] image = (byte[])Image.Clone();
            for (int sector = 0; sector < 8; sector++)
            {
                if ((set & (1 << sector)) == 0)
                    _images[^2].AsSpan(offset + (sector * Sector), Sector).CopyTo(image.AsSpan(offset + (sector * Sector)));
            }

            Opening opening = Open(image, acceptOlder: false, audit: set % 16 == 0);
            Assert.Equal((NewerStates.None, false, true), (opening.Report!.NewerStates, opening.IsReadOnly, opening.WasWhole));
            Assert.Equal(set == 255 ? Newest : Newest - 1, opening.Report.Generation);
            Assert.Equal(set is not (0 or 255), opening.Report.IsNewestTorn);
        }
    }

    // Goal: the clock's time of a state is in its superblock and in the report.
    [Fact]
    public void The_report_tells_when_the_state_was_committed()
    {
        using VaultFileSystem fileSystem = VaultContainer.Open(new MemoryMedium((byte[])Image.Clone()), _master, TestVault.Quiet, out OpeningReport report);
        Assert.Equal(RingOf(Image).Newest!.CommitTimeSeconds, report.CommitTime!.Value.ToUnixTimeSeconds());
        Assert.InRange(Clock.System.Now.Seconds - report.CommitTime.Value.ToUnixTimeSeconds(), -1, 600);
        Assert.False(report.WasClean || report.SlotsMended || report.HeaderCopyMended);
    }

    // Goal: what a killed server left in the host's memory is durable before anything is built on it.
    // Method: the first thing that an unlock for writing does to the medium is a flush.
    [Fact]
    public void An_unlock_flushes_before_it_writes()
    {
        MemoryMedium medium = new((byte[])Image.Clone());
        bool isFlushed = false;
        medium.BeforeFlush = () => isFlushed = true;
        medium.BeforeWrite = _ => Assert.True(isFlushed);
        using VaultFileSystem fileSystem = TestVault.Open(medium, _master);
        fileSystem.CreateFile("new");
        fileSystem.CommitAll();
    }

    /// <summary>How an opening ended, and the work after it.</summary>
    private sealed record Opening(OpeningReport? Report, VaultFailure? Failure, bool IsReadOnly, bool WasWhole);

    private static int SlotOffset(int slot) => (int)SuperblockRing.OffsetOf(slot);

    private SuperblockRing.Content RingOf(byte[] image)
    {
        MemoryMedium medium = new(image) { IsReadOnly = true };
        VaultHeader header = HeaderCopies.Verify(medium, _master);
        using VaultCipher cipher = new(_master, header.Id, header.Suite);
        return new SuperblockRing(medium, cipher).Read();
    }

    private byte[] Replayed(byte[] old, params int[] slots)
    {
        byte[] image = (byte[])Image.Clone();
        foreach (int slot in slots)
            old.AsSpan(SlotOffset(slot), ContainerLayout.BlockSize).CopyTo(image.AsSpan(SlotOffset(slot)));
        return image;
    }

    private void OpenBothWays(byte[] image)
    {
        Assert.NotEqual(VaultFailure.IoError, Open(image, acceptOlder: false).Failure);
        Assert.NotEqual(VaultFailure.IoError, Open(image, acceptOlder: true).Failure);
    }

    // Opens a copy of the image, holds its content against the state that it says it is, writes if it may, and opens it
    // again: then nothing must be left of what was wrong with the ring.
    private Opening Open(byte[] image, bool acceptOlder, bool audit = true)
    {
        MemoryMedium medium = new((byte[])image.Clone());
        OpeningReport report;
        VaultFileSystem fileSystem;
        try
        {
            fileSystem = VaultContainer.Open(medium, _master, TestVault.Quiet with { AcceptOlderState = acceptOlder }, out report);
        }
        catch (VaultException e)
        {
            return new Opening(null, e.Failure, true, false);
        }

        byte[] data = FileSystemExtensions.RandomBytes(40_000, 99);
        bool isReadOnly = fileSystem.IsReadOnly;
        bool isWhole = HoldsState(fileSystem, report.Generation);
        bool isWritten = !isReadOnly && fileSystem.CreateNode(InodeNumber.Root, "after"u8, ModeBits.RegularFile, 0, 0, 0, out InodeAttributes file) == Errno.None
            && fileSystem.Write(file.Inode, 0, data, true, false) == Errno.None && fileSystem.Sync() == Errno.None;
        if (isWritten)
            fileSystem.Close();
        fileSystem.Dispose();
        Assert.True(isReadOnly || isWritten || !isWhole);
        if (isReadOnly)
            Assert.Equal(image, medium.Snapshot());
        if (!isWritten)
            return new Opening(report, null, isReadOnly, isWhole);
        if (audit && isWhole)
            VaultAudit.Check(medium.Snapshot(), _master);
        using VaultFileSystem again = VaultContainer.Open(medium, _master, TestVault.Quiet, out OpeningReport next);
        Assert.Equal((NewerStates.None, 0, true, false), (next.NewerStates, next.DamagedSlots, next.WasClean, again.IsReadOnly));
        Assert.True(next.Generation > report.Generation);
        if (again.Lookup(InodeNumber.Root, "after"u8, out InodeAttributes after) == Errno.None)
            Assert.Equal(data, again.ReadAll(after.Inode, 0, data.Length));
        return new Opening(report, null, isReadOnly, isWhole);
    }

    // Whether all of a state can be read; what can must be right. Generations before the first hold nothing.
    private bool HoldsState(VaultFileSystem fileSystem, ulong generation)
    {
        FileSystemDump.Collector sink = new();
        if (fileSystem.ReadDirectory(InodeNumber.Root, 0, withAttributes: true, ref sink) != Errno.None)
            return false;
        bool isWhole = true;
        int count = generation < _first ? 0 : (int)(generation - _first);
        List<(string Name, InodeAttributes Attributes)> files = [.. sink.Entries.Where(e => e.Name is not ("." or ".."))];
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"f{i}").Order(), files.Select(f => f.Name).Order());
        foreach ((string name, InodeAttributes attributes) in files)
        {
            byte[] content = new byte[FileSize];
            if (fileSystem.Read(attributes.Inode, 0, content, out _) == Errno.None)
                Assert.Equal(FileSystemExtensions.RandomBytes(FileSize, int.Parse(name[1..], System.Globalization.CultureInfo.InvariantCulture)), content);
            else
                isWhole = false;
        }

        return isWhole;
    }
}
