using Vault.Crypto;

namespace Vault.Storage.Tests;

/// <summary>Damage of the log: right data, or an error that says so. Only the end of the log can go unnoticed (docs/threat-model.md).</summary>
public sealed class LogDamageTests
{
    // Goal: the log brings back every sync since the commit. Method: look at what a crash left, read-only and for writing.
    [Theory]
    [InlineData(4096)]
    [InlineData(128 * 1024)]
    public void All_syncs_since_the_commit_come_back(int chunkSize)
    {
        using LoggedVault vault = new(syncs: 40, commitEvery: 5, chunkSize);
        Assert.Equal(40, vault.Scan().Appends.Count);
        Assert.True(vault.Scan().Segments.Count > 5);
        Assert.Equal(vault.States[^1], Open(vault, vault.Image, out OpeningReport report, readOnly: true));
        Assert.Equal(40, report.ReplayedSyncs);
        Assert.Equal(vault.States[^1], Open(vault, vault.Image, out report));
        Assert.Equal(40, report.ReplayedSyncs);
    }

    // Goal: whichever block of the log is damaged, no sync is lost without an error but the last one.
    // Method: each block of its segments in turn, zeroed and with a bit flipped.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damage_is_an_error_or_takes_the_last_sync_alone(bool flipsBit)
    {
        using LoggedVault vault = new(syncs: 30);
        int errors = 0;
        int lost = 0;
        foreach (LogSegment segment in vault.Scan().Segments)
        {
            for (int i = 0; i < segment.BlockCount; i++)
            {
                byte[] image = (byte[])vault.Image.Clone();
                Span<byte> block = image.AsSpan((int)new BlockAddress(segment.Address.Value + (ulong)i).OffsetBytes, ContainerLayout.BlockSize);
                if (flipsBit)
                    block[i * 401 % block.Length] ^= 4;
                else
                    block.Clear();
                if (OpenOrNull(vault, image) is not { } state)
                {
                    errors++;
                    continue;
                }

                lost += state == vault.States[^1] ? 0 : 1;
                Assert.Contains(state, vault.States.TakeLast(2));
            }
        }

        Assert.InRange(errors, 30, int.MaxValue);
        Assert.InRange(lost, 1, 3);
    }

    // Goal: an accepted loss is the syncs from the damaged one on, and the vault goes on from there.
    // Method: damage each append in turn; accept the older state; use it, and open it once more.
    [Fact]
    public void What_came_before_the_damage_can_be_accepted()
    {
        using LoggedVault vault = new(syncs: 12);
        IReadOnlyList<LogAppend> appends = vault.Scan().Appends;
        for (int i = 0; i < appends.Count - 1; i++)
        {
            byte[] image = (byte[])vault.Image.Clone();
            image[appends[i].Place.OffsetBytes + 100] ^= 1;
            Assert.Null(OpenOrNull(vault, image));
            MemoryMedium medium = new(image);
            using (VaultFileSystem fileSystem = VaultContainer.Open(medium, vault.Master, LoggedVault.Options with { AcceptOlderState = true }, out OpeningReport report))
            {
                Assert.Equal((i, true), (report.ReplayedSyncs, report.IsLogDamaged));
                Assert.Equal(vault.States[i], FileSystemDump.Of(fileSystem));
                fileSystem.CreateFile("after");
                fileSystem.SyncAll();
                fileSystem.CreateFile("logged");
                fileSystem.SyncAll();
            }

            VaultAudit.Check(medium.Snapshot(), vault.Master);
            Assert.Contains("/logged", Open(vault, medium.Snapshot(), out _), StringComparison.Ordinal);
        }
    }

    // Goal: an older state that was accepted does not get changes that were made to the lost one, also if the session that
    // accepted it ends before its first commit, and no state gets those of a log that names blocks in use again.
    // Method: a few syncs, a commit, and more syncs in the same chain, several times; the newest root is destroyed, or the newest two.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_accepted_state_gets_no_changes_of_later_ones(int lostStates)
    {
        MemoryMedium medium = TestVault.Create(out MasterKey master, chunkSize: 4096);
        List<(ulong Generation, string State)> states = [];
        using (VaultFileSystem fileSystem = TestVault.Open(medium, master, options: LoggedVault.Options))
        {
            LogWorkload workload = new(fileSystem);
            for (int i = 0; i < 40; i++)
            {
                workload.Step();
                if (i % 8 == 4)
                    fileSystem.CommitAll();
                else
                    fileSystem.SyncAll();
                states.Add((fileSystem.DurableGeneration, FileSystemDump.Of(fileSystem)));
            }
        }

        DestroyRoots(medium, master, lostStates);
        Assert.Equal(VaultFailure.NewerStateLost, Assert.Throws<VaultException>(() => TestVault.Open(medium, master)).Failure);
        byte[] image = medium.Snapshot();
        ulong wanted = states[^1].Generation - (ulong)lostStates;

        // A state before the newest two is opened as it was committed, and not whole: its log may name what is in use again too.
        int syncs = lostStates == 1 ? states.Count(s => s.Generation == wanted) - 1 : 0;
        MemoryMedium accepted = new(image);
        for (int i = 0; i < 2; i++)
        {
            using VaultFileSystem fileSystem = VaultContainer.Open(accepted, master, LoggedVault.Options with { AcceptOlderState = true }, out OpeningReport report);
            Assert.Equal(syncs, report.ReplayedSyncs);
            if (lostStates > 1)
                continue;
            Assert.Equal(states.Last(s => s.Generation == wanted).State, FileSystemDump.Of(fileSystem));
            if (i == 0)
                continue; // the session ends without a commit
            fileSystem.CreateFile("after");
            fileSystem.SyncAll();
            VaultAudit.Check(accepted, master, newestOnly: true);
        }
    }

    // Goal: an append that says that a newer state was durable tells that its superblock is lost.
    // Method: put older content into the newest slot: all that is left of the state is the log.
    [Fact]
    public void The_log_tells_of_a_state_whose_superblock_is_lost()
    {
        MemoryMedium medium = TestVault.Create(out MasterKey master, chunkSize: 4096);
        using VaultFileSystem fileSystem = TestVault.Open(medium, master, options: LoggedVault.Options);
        LogWorkload workload = new(fileSystem);
        workload.Step();
        fileSystem.CommitAll();
        workload.Step();
        fileSystem.SyncAll();
        byte[] before = medium.Snapshot();
        fileSystem.CommitAll();
        workload.Step();
        fileSystem.SyncAll();
        byte[] image = medium.Snapshot();
        long slot = SuperblockRing.OffsetOf(SuperblockRing.SlotOf(fileSystem.DurableGeneration));
        before.AsSpan((int)slot, ContainerLayout.BlockSize).CopyTo(image.AsSpan((int)slot));
        VaultException e = Assert.Throws<VaultException>(() => TestVault.Open(new MemoryMedium(image), master));
        Assert.Equal(VaultFailure.NewerStateLost, e.Failure);
    }

    // Goal: an append counts only behind the append that it was written behind. Method: a log start that names another one before.
    [Fact]
    public void An_append_is_followed_only_behind_the_one_before()
    {
        using LoggedVault vault = new(syncs: 3);
        Assert.Equal(3, vault.Scan().Appends.Count);
        Assert.Empty(vault.Scan(change: static start => start with { Last = start.Last with { Tag = start.Last.Tag ^ 1 } }).Appends);
    }

    // Goal: what the threat model grants an attacker: the last syncs can be taken back, to any sync since the commit, and to nothing else.
    // Method: clear all that the log holds from an append on, for each append.
    [Fact]
    public void The_end_of_the_log_can_be_taken_back_unnoticed()
    {
        using LoggedVault vault = new(syncs: 6);
        IReadOnlyList<LogAppend> appends = vault.Scan().Appends;
        for (int i = 0; i < appends.Count; i++)
        {
            byte[] image = (byte[])vault.Image.Clone();
            bool isLater = false;
            foreach (LogSegment segment in vault.Scan().Segments)
            {
                bool begins = segment.Address.Value <= appends[i].Place.Value && appends[i].Place.Value < segment.Address.Value + (ulong)segment.BlockCount;
                int end = (int)(segment.Address.Value + (ulong)segment.BlockCount) * ContainerLayout.BlockSize;
                if (begins || isLater)
                    image.AsSpan((begins ? (int)appends[i].Place.OffsetBytes : (int)segment.Address.OffsetBytes)..end).Clear();
                isLater |= begins;
            }

            Assert.Equal(vault.States[i], Open(vault, image, out _));
        }
    }

    private static void DestroyRoots(MemoryMedium medium, MasterKey master, int count)
    {
        VaultHeader header = HeaderCopies.Verify(medium, master);
        using VaultCipher cipher = new(master, header.Id, header.Suite);
        foreach (Superblock state in new SuperblockRing(medium, cipher).Read().All.Take(count))
        {
            foreach (BlockAddress copy in (BlockAddress[])[state.TreeRoot.Address, state.TreeRoot.Second])
            {
                if (!copy.IsNone)
                    medium.Write(copy.OffsetBytes, new byte[ContainerLayout.BlockSize]);
            }
        }
    }

    private static string? OpenOrNull(LoggedVault vault, byte[] image)
    {
        try
        {
            return Open(vault, image, out _);
        }
        catch (VaultException e) when (e.Failure == VaultFailure.NewerStateLost)
        {
            return null;
        }
    }

    private static string Open(LoggedVault vault, byte[] image, out OpeningReport report, bool readOnly = false)
    {
        using VaultFileSystem fileSystem = VaultContainer.Open(new MemoryMedium((byte[])image.Clone()), vault.Master, LoggedVault.Options with { ReadOnly = readOnly }, out report);
        return FileSystemDump.Of(fileSystem);
    }
}
