using Vault.Crypto;

namespace Vault.Storage.Tests;

/// <summary>A vault to be damaged or brought into contradiction on purpose, and checked.</summary>
internal sealed class CheckedVault
{
    public const int ChunkSize = 32 * 1024;

    private readonly MasterKey _master;

    public CheckedVault(Action<VaultFileSystem> fill)
    {
        Medium = TestVault.Create(out _master, ChunkSize);
        With(fill);
    }

    public MemoryMedium Medium { get; }

    public MasterKey Master => _master;

    public List<ContainerUnits.Unit> Units => ContainerUnits.Of(Medium.Snapshot(), _master);

    /// <summary>Where the chunks of a file lie, in their order.</summary>
    public BlockPointer[] ChunksOf(InodeNumber file)
    {
        List<BlockPointer> chunks = [];
        foreach (ContainerUnits.Unit unit in Units.Where(u => u.Pointer.Kind == SealKind.Leaf))
        {
            LeafPage leaf = new(unit.Plaintext);
            for (int i = 0; i < leaf.Count; i++)
            {
                if (leaf.KeyAt(i).Table == TableId.Chunks && leaf.KeyAt(i).Object == file.Value)
                    chunks.Add(ChunkRecord.Read(leaf.ValueAt(i)));
            }
        }

        return [.. chunks];
    }

    /// <summary>Works on the vault and locks it.</summary>
    public void With(Action<VaultFileSystem> work, VaultOpenOptions? options = null)
    {
        using VaultFileSystem fileSystem = TestVault.Open(Medium, _master, options: options);
        work(fileSystem);
        fileSystem.Close();
    }

    /// <summary>Changes tables behind the file system's back, and makes it durable.</summary>
    public void Edit(Action<CopyOnWriteTree> edit) => EditVolume(volume => edit(volume.Tree));

    public void EditVolume(Action<Volume> edit) => With(fileSystem =>
    {
        Volume volume = PrivateState.Field<Volume>(fileSystem, "_volume");
        using (TreeChange change = volume.BeginOperation())
        {
            edit(volume);
            volume.Tree.Put(new TreeKey(TableId.Lineage, 0), default); // something to commit, even if only the space map was changed
            volume.Tree.Remove(new TreeKey(TableId.Lineage, 0));
            change.Complete();
        }
    });

    /// <summary>Changes an inode's record behind the file system's back.</summary>
    public void EditInode(InodeNumber inode, FileCutter.RecordChange edit) => Edit(tree =>
    {
        InodeTable inodes = new(tree);
        Assert.True(inodes.TryGet(inode, out InodeRecord record));
        edit(ref record);
        inodes.Put(inode, record);
    });

    public CheckReport Check(out List<CheckFinding> findings)
    {
        List<CheckFinding> found = [];
        MemoryMedium image = new(Medium.Snapshot()) { IsReadOnly = true }; // a write fails the test
        CheckReport report = VaultChecker.Check(image, _master, found.Add, null, CancellationToken.None);
        findings = found;
        Assert.Equal(found.GroupBy(f => f.Kind).ToDictionary(g => g.Key, g => (long)g.Count()), report.Findings);
        Assert.Equal(found.Count == 0, report.IsClean);
        return report;
    }

    /// <summary>All findings, one line each: kind, path, range in the file.</summary>
    public string[] Findings()
    {
        Check(out List<CheckFinding> findings);
        return [.. findings.Select(Line)];
    }

    public RepairReport Repair(out List<CheckFinding> findings)
    {
        List<CheckFinding> found = [];
        MemoryMedium medium = new(Medium.Snapshot());
        RepairReport report = VaultChecker.Repair(medium, _master, found.Add, null, CancellationToken.None);
        Assert.False(medium.IsDisposed);
        Medium.Restore(medium.Snapshot());
        findings = found;
        return report;
    }

    /// <summary>Repairs, and sees to it that the vault is consistent and can be worked on; findings of lost data may stay.</summary>
    public string[] RepairAndWork()
    {
        RepairReport report = Repair(out _);
        Assert.NotEmpty(report.Actions);
        string[] after = Findings();
        Assert.Equal(after.Length, report.After.Findings.Values.Sum());
        With(fileSystem =>
        {
            fileSystem.WriteAll(fileSystem.CreateFile("after the repair"), 0, FileSystemExtensions.RandomBytes(100_000));
            fileSystem.CommitAll();
            Assert.Equal(Errno.None, fileSystem.Unlink(InodeNumber.Root, "after the repair"u8));
        });
        Assert.Equal(after, Findings());
        return after;
    }

    public void AssertClean() => Assert.Empty(Findings());

    public static string Line(CheckFinding finding) => finding.Kind == CheckFindingKind.FileData
        ? $"{finding.Kind} {finding.Path} {finding.OffsetBytes}-{finding.OffsetBytes + finding.LengthBytes - 1}"
        : $"{finding.Kind} {finding.Path ?? "-"}";
}
