using Vault.Crypto;

namespace Vault.Storage.Tests;

/// <summary>Check, repair and salvage of a vault whose last syncs are in the log alone.</summary>
public sealed class LogRescueTests
{
    private const int Chunk = CheckedVault.ChunkSize;
    private const int Files = 200;

    private readonly CheckedVault _vault = new(fileSystem =>
    {
        for (int i = 0; i < Files; i++)
            fileSystem.WriteAll(fileSystem.CreateFile($"old {i:d3} {new string('x', 60)}"), 0, FileSystemExtensions.RandomBytes(300, i));
        fileSystem.WriteAll(fileSystem.CreateFile("large"), 0, Large);
    });

    private readonly Dictionary<string, byte[]> _synced = [];
    private ulong _large;

    private static byte[] Large { get; } = FileSystemExtensions.RandomBytes((300 * Chunk) + 77);

    // Goal: a check finds a damaged log, and nothing in a whole one. Method: flip a bit of an append in the middle, and of the last.
    [Fact]
    public void A_check_finds_damage_of_the_log()
    {
        CrashAfterSyncs();
        Assert.Empty(_vault.Findings());
        IReadOnlyList<LogAppend> appends = Scan().Appends;
        _vault.Medium.Write(appends[1].Place.OffsetBytes + 200, [0x55]);
        Assert.Equal(["IntentLog -"], _vault.Findings());
    }

    // Goal: a check finds what is lost of the content that only the log leads to. Method: damage a chunk that it names.
    [Fact]
    public void A_check_finds_damaged_chunks_that_only_the_log_names()
    {
        CrashAfterSyncs();
        ContainerUnits.FlipBit(_vault.Medium, ChunkOfLog());
        Assert.Equal(["IntentLog -"], _vault.Findings());
    }

    // Goal: what was synced survives the repair of a damaged page, whichever it is: the log holds it and nothing else does.
    // Method: every leaf in turn. What was not on the page and was synced is there.
    [Fact]
    public void A_repair_brings_back_what_was_synced()
    {
        CrashAfterSyncs();
        byte[] image = _vault.Medium.Snapshot();
        foreach (ContainerUnits.Unit leaf in _vault.Units.Where(u => u.Pointer.Kind == SealKind.Leaf))
        {
            _vault.Medium.Restore((byte[])image.Clone());
            ContainerUnits.FlipBit(_vault.Medium, leaf.Pointer);
            RepairReport report = _vault.Repair(out _);
            Assert.Contains(report.Actions, a => a.Contains("syncs since the last commit were brought back", StringComparison.Ordinal));
            VaultAudit.Check(_vault.Medium, _vault.Master, newestOnly: true, allowsFileDamage: true);
            using VaultFileSystem fileSystem = TestVault.Open(new MemoryMedium(_vault.Medium.Snapshot()), _vault.Master, readOnly: true);
            foreach ((string name, byte[] content) in _synced)
                AssertContent(fileSystem, name, content);
            AssertLargeIsRightOrError(fileSystem);
        }
    }

    // Goal: a repair is one commit also where a log is: a crash before it leaves log and all, a crash after it loses nothing.
    [Fact]
    public void A_crash_of_a_repair_leaves_the_log()
    {
        CrashAfterSyncs();
        ContainerUnits.FlipBit(_vault.Medium, _vault.Units.First(u => u.IsLeafOf(TableId.InlineData)).Pointer);
        Simulation.SimulatedMedium medium = new(1, Simulation.SparseImage.Of(_vault.Medium.Snapshot()));
        List<Simulation.CrashPoint> crashes = [];
        medium.BeforeOperation = () => crashes.Add(medium.TakeCrashPoint());
        VaultChecker.Repair(medium, _vault.Master, static _ => { }, null, CancellationToken.None);
        for (int i = 0; i < crashes.Count; i++)
        {
            foreach (Simulation.Survival survival in Enum.GetValues<Simulation.Survival>())
            {
                MemoryMedium image = new(crashes[i].Image(survival, i).ToArray());
                VaultChecker.Repair(image, _vault.Master, static _ => { }, null, CancellationToken.None);
                using VaultFileSystem fileSystem = TestVault.Open(image, _vault.Master, readOnly: true);
                foreach ((string name, byte[] content) in _synced)
                    AssertContent(fileSystem, name, content);
            }
        }
    }

    // Goal: a salvage copies out what was synced, whichever page of the tree is lost. Method: every page in turn, both copies.
    [Fact]
    public void A_salvage_copies_out_what_was_synced()
    {
        CrashAfterSyncs();
        AssertSalvaged(isWhole: true);
        byte[] image = _vault.Medium.Snapshot();
        foreach (ContainerUnits.Unit page in _vault.Units.Where(u => u.Pointer.Kind is SealKind.Leaf or SealKind.Branch))
        {
            _vault.Medium.Restore((byte[])image.Clone());
            ContainerUnits.FlipBit(_vault.Medium, page.Pointer);
            if (page.Pointer != RootOf())
                AssertSalvaged(isWhole: false);
        }
    }

    private void CrashAfterSyncs()
    {
        using VaultFileSystem fileSystem = TestVault.Open(_vault.Medium, _vault.Master, options: LoggedVault.Options);
        fileSystem.CreateFile("committed");
        fileSystem.SyncAll();
        for (int i = 0; i < 12; i++)
        {
            byte[] content = FileSystemExtensions.RandomBytes(100 + (i * 7000), 1000 + i);
            string name = $"synced {i}";
            fileSystem.WriteAll(fileSystem.CreateFile(name), 0, content);
            fileSystem.SyncAll();
            _synced[name] = content;
        }

        Assert.Equal(Errno.None, fileSystem.Unlink(InodeNumber.Root, "synced 3"u8));
        _synced.Remove("synced 3");
        Assert.Equal(Errno.None, fileSystem.Lookup(InodeNumber.Root, "large"u8, out InodeAttributes large));
        _large = large.Inode.Value;
        FileSystemExtensions.RandomBytes(5000, 77).CopyTo(Large.AsSpan(100 * Chunk + 5000)); // a part of a chunk that the tree has
        fileSystem.WriteAll(large.Inode, (100 * Chunk) + 5000, Large.AsSpan((100 * Chunk) + 5000, 5000));
        fileSystem.SyncAll();
        FileSystemExtensions.RandomBytes(Chunk, 78).CopyTo(Large.AsSpan(200 * Chunk)); // a whole one
        fileSystem.WriteAll(large.Inode, 200 * Chunk, Large.AsSpan(200 * Chunk, Chunk));
        fileSystem.SyncAll();
        fileSystem.CreateFile("last");
        fileSystem.SyncAll();
        _vault.Medium.Restore(_vault.Medium.Snapshot());
    }

    private void AssertSalvaged(bool isWhole)
    {
        MemorySink sink = new();
        List<CheckFinding> findings = [];
        VaultSalvage.Run(new MemoryMedium(_vault.Medium.Snapshot()), _vault.Master, sink, findings.Add, null, CancellationToken.None);
        if (isWhole)
            Assert.Empty(findings);
        foreach ((string name, byte[] content) in _synced)
            Assert.Equal(content, sink.Nodes.Single(n => n.Key.EndsWith(name, StringComparison.Ordinal)).Value.Content);
        Assert.DoesNotContain("synced 3", sink.Nodes.Keys);
        byte[] large = sink.Nodes.Single(n => n.Key.EndsWith("large", StringComparison.Ordinal) || n.Key.EndsWith($"#{_large}", StringComparison.Ordinal)).Value.Content; // its name may be lost
        Assert.Equal(Large.Length, large.Length);
        for (int chunk = 0; chunk < 300; chunk++)
        {
            bool isRight = large.AsSpan(chunk * Chunk, Chunk).SequenceEqual(Large.AsSpan(chunk * Chunk, Chunk));
            bool isMissing = findings.Any(f => f.Kind == CheckFindingKind.FileData && f.OffsetBytes < (chunk + 1L) * Chunk && f.OffsetBytes + f.LengthBytes > (long)chunk * Chunk);
            Assert.True(isRight || isMissing);
        }

        Assert.Equal(Large.AsSpan(200 * Chunk, Chunk), large.AsSpan(200 * Chunk, Chunk));
        Assert.Equal(Large.AsSpan((100 * Chunk) + 5000, 5000), large.AsSpan((100 * Chunk) + 5000, 5000));
    }

    private static void AssertLargeIsRightOrError(VaultFileSystem fileSystem)
    {
        if (fileSystem.Lookup(InodeNumber.Root, "large"u8, out InodeAttributes large) != Errno.None)
            return; // its entry was on the page
        byte[] buffer = new byte[Chunk];
        for (int chunk = 0; chunk < 300; chunk++)
        {
            if (fileSystem.Read(large.Inode, chunk * Chunk, buffer, out int count) == Errno.None)
                Assert.Equal(Large.AsSpan(chunk * Chunk, Chunk), buffer.AsSpan(0, count));
        }

        Assert.Equal(Errno.None, fileSystem.Read(large.Inode, 200 * Chunk, buffer, out _)); // the log named all of it
    }

    private static void AssertContent(VaultFileSystem fileSystem, string name, byte[] content)
    {
        Assert.Equal(Errno.None, fileSystem.Lookup(InodeNumber.Root, name.Utf8(), out InodeAttributes attributes));
        Assert.Equal(content, fileSystem.ReadAll(attributes.Inode, 0, content.Length + 1));
    }

    private LogScan Scan() => With((medium, cipher, newest) => LogScan.Of(medium, cipher, newest));

    private BlockPointer RootOf() => With((_, _, newest) => newest.TreeRoot);

    private BlockPointer ChunkOfLog() => With((medium, cipher, newest) =>
    {
        LogScan scan = LogScan.Of(medium, cipher, newest);
        byte[] buffer = new byte[LogWriter.MaxAppendBytes];
        foreach (LogAppend append in scan.Appends.SkipLast(1))
        {
            LogRecordReader records = new(scan.Read(append, buffer, out _), 0);
            while (records.MoveNext(out LogRecord record))
            {
                if (LogReplay.NamesChunk(record, out BlockPointer pointer))
                    return pointer;
            }
        }

        throw new InvalidOperationException("The log names no chunk.");
    });

    private T With<T>(Func<IMedium, VaultCipher, Superblock, T> use)
    {
        MemoryMedium medium = new(_vault.Medium.Snapshot());
        VaultHeader header = HeaderCopies.Verify(medium, _vault.Master);
        using VaultCipher cipher = new(_vault.Master, header.Id, header.Suite);
        return use(medium, cipher, new SuperblockRing(medium, cipher).Read().Newest!);
    }
}
