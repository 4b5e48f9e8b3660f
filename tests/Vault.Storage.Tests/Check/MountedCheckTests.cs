namespace Vault.Storage.Tests;

// A check of a vault that is in use.
public sealed class MountedCheckTests
{
    private const int Chunk = CheckedVault.ChunkSize;

    private readonly CheckedVault _vault = new(fileSystem =>
    {
        for (int i = 0; i < 20; i++)
            fileSystem.WriteAll(fileSystem.CreateFile($"old {i}"), 0, FileSystemExtensions.RandomBytes(200_000, i));
    });

    // Goal: a check sees one state, whole, whatever goes on meanwhile; and it covers what was written before it.
    // Method: threads write, delete and commit all the time; several checks, none of which finds anything.
    [Fact]
    public void A_check_is_clean_while_work_goes_on()
    {
        using VaultFileSystem fileSystem = TestVault.Open(_vault.Medium, _vault.Master);
        using CancellationTokenSource stop = new();
        Exception? wrong = null;
        Thread[] workers = [.. Enumerable.Range(0, 2).Select(w => new Thread(() => wrong ??= Record.Exception(() => Work(fileSystem, w, stop.Token))))];
        foreach (Thread worker in workers)
            worker.Start();
        for (int i = 0; i < 8; i++)
        {
            fileSystem.CreateFile($"before check {i}");
            List<CheckFinding> findings = [];
            CheckReport report = fileSystem.Check(findings.Add, null, CancellationToken.None);
            Assert.Empty(findings);
            Assert.True(report.Files >= 20 + i + 1);
        }

        stop.Cancel();
        foreach (Thread worker in workers)
            worker.Join();
        Assert.Null(wrong);
        fileSystem.Close();
        VaultAudit.Check(_vault.Medium.Snapshot(), _vault.Master);
    }

    // Goal: damage is found by path, in files that were written in this session too; the vault goes on.
    [Fact]
    public void Damage_is_found_in_use()
    {
        using VaultFileSystem fileSystem = TestVault.Open(_vault.Medium, _vault.Master);
        InodeNumber file = fileSystem.CreateFile("new");
        fileSystem.WriteAll(file, 0, FileSystemExtensions.RandomBytes(5 * Chunk));
        fileSystem.CommitAll();
        ContainerUnits.FlipBit(_vault.Medium, _vault.ChunksOf(file)[2]);
        List<CheckFinding> findings = [];
        Assert.True(fileSystem.Check(findings.Add, null, CancellationToken.None).HasLostData);
        Assert.Equal([$"FileData new {2 * Chunk}-{(3 * Chunk) - 1}"], findings.Select(CheckedVault.Line));
        fileSystem.WriteAll(file, 2 * Chunk, new byte[Chunk]);
        Assert.True(fileSystem.Check(findings.Add, null, CancellationToken.None).IsClean);
        fileSystem.Close();
    }

    // Goal: a slot that was read while it was being written is no finding.
    // Method: a slot that does not open at first, and is whole when the data has been read.
    [Fact]
    public void A_slot_in_the_middle_of_its_write_is_no_finding()
    {
        using VaultFileSystem fileSystem = TestVault.Open(_vault.Medium, _vault.Master);
        long slot = new BlockAddress(ContainerLayout.SuperblockRingBlock + ((fileSystem.DurableGeneration + 1) % 8)).OffsetBytes;
        byte[] whole = new byte[ContainerLayout.BlockSize];
        _vault.Medium.Read(slot, whole);
        _vault.Medium.Write(slot, new byte[2048]);
        _vault.Medium.BeforeReadRange = (offset, _) =>
        {
            if (offset < new BlockAddress(ContainerLayout.FirstDataBlock).OffsetBytes)
                return;
            _vault.Medium.BeforeReadRange = null;
            _vault.Medium.Write(slot, whole);
        };
        Assert.True(fileSystem.Check(_ => { }, null, CancellationToken.None).IsClean);
        _vault.Medium.Write(slot, new byte[2048]);
        List<CheckFinding> findings = [];
        fileSystem.Check(findings.Add, null, CancellationToken.None);
        Assert.Equal(["SuperblockSlot -"], findings.Select(CheckedVault.Line));
        fileSystem.Close();
    }

    // Goal: on a full host the check gives way to work that needs the space which it keeps.
    // Method: during the check all files are deleted on a full host and their space is wanted.
    [Fact]
    public void A_check_gives_way_when_the_host_is_full()
    {
        using VaultFileSystem fileSystem = TestVault.Open(_vault.Medium, _vault.Master);
        InodeNumber file = fileSystem.CreateFile("new");
        fileSystem.CommitAll();
        _vault.Medium.CapacityBytes = _vault.Medium.LengthBytes;
        byte[] data = FileSystemExtensions.RandomBytes(1_500_000);
        Errno during = Errno.None;
        _vault.Medium.BeforeReadRange = (_, length) =>
        {
            if (length <= ContainerLayout.PageSize)
                return;
            _vault.Medium.BeforeReadRange = null;
            for (int i = 0; i < 20; i++)
                Assert.Equal(Errno.None, fileSystem.Unlink(InodeNumber.Root, $"old {i}".Utf8()));
            fileSystem.CommitAll();
            during = fileSystem.Write(file, 0, data, true, false);
        };
        VaultException e = Assert.Throws<VaultException>(() => fileSystem.Check(_ => { }, null, CancellationToken.None));
        Assert.Equal(VaultFailure.NoSpace, e.Failure);
        Assert.Equal(Errno.ENOSPC, during);
        fileSystem.WriteAll(file, 0, data);
        fileSystem.Close();
        _vault.AssertClean();
    }

    // Goal: a check ends when it is told to, and lets go of the space that it kept.
    [Fact]
    public void A_check_can_be_cancelled()
    {
        using VaultFileSystem fileSystem = TestVault.Open(_vault.Medium, _vault.Master);
        using CancellationTokenSource cancellation = new();
        _vault.Medium.BeforeReadRange = (_, length) => CancelIf(length > ContainerLayout.PageSize, cancellation);
        Assert.Throws<OperationCanceledException>(() => fileSystem.Check(_ => { }, null, cancellation.Token));
        _vault.Medium.BeforeReadRange = null;
        Assert.Throws<InvalidOperationException>(() => PrivateState.Field<Committer>(fileSystem, "_committer").Unpin()); // nothing is pinned any more
        fileSystem.Close();
    }

    private static void CancelIf(bool condition, CancellationTokenSource cancellation)
    {
        if (condition)
            cancellation.Cancel();
    }

    private static void Work(VaultFileSystem fileSystem, int worker, CancellationToken stop)
    {
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            string name = $"work {worker} {i % 10}";
            _ = fileSystem.Unlink(InodeNumber.Root, name.Utf8());
            Assert.Equal(Errno.None, fileSystem.CreateNode(InodeNumber.Root, name.Utf8(), ModeBits.RegularFile, 0, 0, 0, out InodeAttributes file));
            fileSystem.WriteAll(file.Inode, 0, FileSystemExtensions.RandomBytes(i % 7 * 30_000));
            fileSystem.Forget(file.Inode, 1);
            if (i % 5 == 0)
                fileSystem.CommitAll();
        }
    }
}
