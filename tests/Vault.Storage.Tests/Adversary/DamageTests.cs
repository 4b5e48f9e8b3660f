using Vault.Crypto;

namespace Vault.Storage.Tests.Adversary;

/// <summary>Damage to one thing must not spread to others.</summary>
public sealed class DamageTests : IDisposable
{
    private readonly MemoryMedium _medium;
    private readonly MasterKey _master;
    private VaultFileSystem _fileSystem;

    public DamageTests()
    {
        _medium = TestVault.Create(out _master, chunkSize: 4096);
        _fileSystem = TestVault.Open(_medium, _master);
    }

    public void Dispose() => _fileSystem.Dispose();

    // Goal: a directory can be listed though inodes in it are damaged; the damaged ones have no attributes, the others do.
    [Fact]
    public void A_damaged_inode_does_not_hide_its_directory()
    {
        for (int i = 0; i < 500; i++)
            _fileSystem.CreateFile($"f{i}");
        _fileSystem.Close();
        BlockPointer leaf = ContainerUnits.Of(_medium.Snapshot(), _master).Where(u => u.IsLeafOf(TableId.Inodes)).ElementAt(2).Pointer;
        ContainerUnits.FlipBit(_medium, leaf);
        _fileSystem = TestVault.Open(_medium, _master);
        List<(string Name, InodeAttributes Attributes)> entries = FileSystemDump.List(_fileSystem, InodeNumber.Root);
        Assert.Equal(502, entries.Count);
        foreach ((string name, InodeAttributes attributes) in entries.Where(e => e.Name is not ("." or "..")))
        {
            Errno outcome = _fileSystem.Lookup(InodeNumber.Root, name.Utf8(), out _);
            Assert.Equal(attributes.LinkCount == 0 ? Errno.EIO : Errno.None, outcome);
        }

        Assert.InRange(entries.Count(e => e.Attributes.LinkCount == 0), 3, 300); // the two dots, and the damaged
    }

    // Goal: a file whose chunk table is damaged answers EIO where it is hit, even when it is cut or deleted, and the rest
    // of the vault stays writable: now, and after the next unlock, which finds the file among the orphans.
    [Fact]
    public void Deleting_a_damaged_file_leaves_the_rest_writable()
    {
        InodeNumber file = _fileSystem.CreateFile("damaged");
        _fileSystem.WriteAll(file, 0, FileSystemExtensions.RandomBytes(4096 * 1000));
        _fileSystem.Close();
        BlockPointer leaf = ContainerUnits.Of(_medium.Snapshot(), _master).Where(u => u.IsLeafOf(TableId.Chunks)).ElementAt(3).Pointer;
        ContainerUnits.FlipBit(_medium, leaf);
        _fileSystem = TestVault.Open(_medium, _master);
        Assert.Equal(Errno.EIO, _fileSystem.SetAttributes(file, new AttributeChange { Fields = AttributeChanges.Size }, out _));
        AssertWritable("a");
        Assert.Equal(4096 * 1000, _fileSystem.Stat(file).SizeBytes);
        Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, "damaged"u8));
        AssertWritable("b");
        _fileSystem.Close();
        _fileSystem = TestVault.Open(_medium, _master);
        AssertWritable("c");
    }

    // Goal: a write that fails on a damaged page leaves neither blocks that nothing reaches nor data behind the end of
    // the file, on which the next commit would break off.
    // Method: the first half of the file is cut away, so that its end lies before a damaged leaf; write across. Then the
    // leaf is mended, so that the audit can read everything.
    [Fact]
    public void A_write_that_fails_on_a_damaged_page_leaves_nothing()
    {
        InodeNumber file = _fileSystem.CreateFile("damaged");
        InodeNumber other = _fileSystem.CreateFile("other");
        _fileSystem.WriteAll(file, 0, FileSystemExtensions.RandomBytes(4096 * 1000));
        _fileSystem.WriteAll(other, 0, FileSystemExtensions.RandomBytes(4096 * 300));
        _fileSystem.CommitAll();
        ContainerUnits.Unit leaf = ContainerUnits.Of(_medium.Snapshot(), _master).Where(u => u.IsLeafOf(TableId.Chunks)).ElementAt(3);
        long firstChunk = (long)new LeafPage(leaf.Plaintext).KeyAt(0).Item;
        _fileSystem.Close();
        ContainerUnits.FlipBit(_medium, leaf.Pointer);
        _fileSystem = TestVault.Open(_medium, _master);
        byte[] data = FileSystemExtensions.RandomBytes(4096 * 8);
        Assert.Equal(Errno.EIO, _fileSystem.Write(file, ((firstChunk - 3) * 4096) + 100, data, true, false));
        Assert.Equal(Errno.EIO, _fileSystem.Write(file, (firstChunk + 3) * 4096, data, true, false));
        AssertWritable("a");
        ContainerUnits.FlipBit(_medium, leaf.Pointer);
        _fileSystem.WriteAll(file, (firstChunk + 3) * 4096, data);
        _fileSystem.Close();
        VaultAudit.Check(_medium.Snapshot(), _master);
    }

    // Goal: damage to what only the state before the newest needs stops nobody from opening the newest and going on.
    [Fact]
    public void Damage_to_the_state_before_the_newest_is_no_obstacle()
    {
        InodeNumber file = _fileSystem.CreateFile("file");
        byte[] data = FileSystemExtensions.RandomBytes(50_000);
        _fileSystem.WriteAll(file, 0, data);
        _fileSystem.CommitAll();
        _fileSystem.WriteAll(file, 0, data);
        _fileSystem.Close();
        foreach (ContainerUnits.Unit unit in ContainerUnits.OnlyOfPrevious(_medium.Snapshot(), _master))
            ContainerUnits.FlipBit(_medium, unit.Pointer);
        _fileSystem = TestVault.Open(_medium, _master);
        Assert.Equal(data, _fileSystem.ReadAll(file, 0, data.Length));
        AssertWritable("a");
    }

    // Goal: a branch page whose first copy is damaged is read from its second and mended, and a host that refuses the
    // mending does not turn a good read into an error.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_damaged_first_copy_is_read_from_the_second_and_mended(bool hostRefuses)
    {
        InodeNumber file = _fileSystem.CreateFile("file");
        byte[] data = FileSystemExtensions.RandomBytes(4096 * 1000);
        _fileSystem.WriteAll(file, 0, data);
        _fileSystem.Close();
        byte[] whole = _medium.Snapshot();
        List<BlockPointer> branches = [.. ContainerUnits.Of(whole, _master).Select(u => u.Pointer).Where(p => !p.Second.IsNone)];
        Assert.Contains(branches, p => p.Kind == SealKind.Branch);
        branches.ForEach(p => ContainerUnits.FlipBit(_medium, p.Address));
        if (hostRefuses)
            _medium.BeforeWrite = _ => throw new VaultException(VaultFailure.IoError, "Simulated failure of the host.");
        _fileSystem = TestVault.Open(_medium, _master);
        Assert.Equal(data, _fileSystem.ReadAll(file, 0, data.Length));
        _medium.BeforeWrite = null;
        AssertWritable("a");
        if (!hostRefuses)
            branches.FindAll(p => p.Kind == SealKind.Branch).ForEach(p => Assert.Equal(whole.AsSpan((int)p.Address.OffsetBytes, p.SizeOfUnit), _medium.Snapshot().AsSpan((int)p.Address.OffsetBytes, p.SizeOfUnit)));
    }

    // Goal: a read-only unlock writes nothing, not even what would mend a page or a header copy.
    [Fact]
    public void A_read_only_unlock_writes_nothing()
    {
        InodeNumber file = _fileSystem.CreateFile("file");
        byte[] data = FileSystemExtensions.RandomBytes(4096 * 1000);
        _fileSystem.WriteAll(file, 0, data);
        Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, "file"u8)); // an orphan, too
        InodeNumber other = _fileSystem.CreateFile("other");
        _fileSystem.WriteAll(other, 0, data);
        _fileSystem.Close();
        foreach (BlockPointer pointer in ContainerUnits.Of(_medium.Snapshot(), _master).Select(u => u.Pointer).Where(p => !p.Second.IsNone))
            ContainerUnits.FlipBit(_medium, pointer.Address);
        _medium.Write(100, [1]);
        byte[] before = _medium.Snapshot();
        _medium.IsReadOnly = true; // a write fails the test
        _fileSystem = TestVault.Open(_medium, _master, readOnly: true);
        Assert.Equal(data, _fileSystem.ReadAll(other, 0, data.Length));
        Assert.Equal(Errno.EROFS, _fileSystem.Unlink(InodeNumber.Root, "other"u8));
        Assert.Equal(Errno.EROFS, _fileSystem.Rename(InodeNumber.Root, "other"u8, InodeNumber.Root, "new"u8, RenameMode.Replace));
        Assert.Equal(Errno.EROFS, _fileSystem.SetXattr(other, "user.a"u8, "b"u8, XattrMode.Any));
        Assert.Equal(Errno.EROFS, _fileSystem.RemoveXattr(other, "user.a"u8));
        _fileSystem.Forget(file, 1);
        _fileSystem.SyncAll();
        _fileSystem.Close();
        Assert.Equal(before, _medium.Snapshot());
    }

    // Goal: damage that hides only old sessions' lineage does not keep the vault from committing.
    [Fact]
    public void A_damaged_lineage_does_not_stop_commits()
    {
        InodeNumber file = _fileSystem.CreateFile("file");
        for (int i = 0; i < 8; i++)
            Assert.Equal(Errno.None, _fileSystem.SetXattr(file, $"user.{i}".Utf8(), new byte[4000], XattrMode.Any));
        _fileSystem.Close();
        _fileSystem = TestVault.Open(_medium, _master);
        _fileSystem.CreateFile("other"); // the first commit of a second session writes the first entry
        _fileSystem.Close();
        ContainerUnits.Unit last = ContainerUnits.Of(_medium.Snapshot(), _master).Last(u => u.Pointer.Kind == SealKind.Leaf);
        Assert.NotEqual(TableId.Inodes, new LeafPage(last.Plaintext).KeyAt(0).Table);
        ContainerUnits.FlipBit(_medium, last.Pointer);
        _fileSystem = TestVault.Open(_medium, _master);
        AssertWritable("a");
    }

    // Goal: a scan of more metadata than the cache holds does not take memory without end, though nothing is written.
    // Method: evicted pages never pile up.
    [Fact]
    public void Reading_metadata_only_does_not_use_up_memory()
    {
        const int Count = 12_000;
        for (int i = 0; i < Count; i++)
            _fileSystem.CreateFile($"f{i}");
        _fileSystem.Close();
        _fileSystem = TestVault.Open(_medium, _master, readOnly: true, options: TestVault.Quiet with { PageCacheBytes = 1 << 20 });
        CopyOnWriteTree tree = PrivateState.Field<Volume>(_fileSystem, "_volume").Tree;
        Assert.Equal(Count + 2, FileSystemDump.List(_fileSystem, InodeNumber.Root).Count);
        for (int j = 0; j < Count; j += 7)
        {
            if (j % 2 == 0)
                Assert.Equal(Errno.None, _fileSystem.Lookup(InodeNumber.Root, $"f{j}".Utf8(), out _));
            else
                _ = _fileSystem.Stat(new InodeNumber((ulong)j + 2));
            Assert.False(tree.ShouldRecycle);
        }
    }

    // Goal: a server may run for years. Method: the counter that spreads the sealing of dirty data is about to overflow.
    [Fact]
    public void Sealing_goes_on_when_its_counter_wraps()
    {
        _fileSystem.Close();
        _fileSystem = TestVault.Open(_medium, _master, options: TestVault.Quiet with { DirtyDataBytes = 64 * 1024 });
        DirtyData dirty = PrivateState.Field<DirtyData>(_fileSystem, "_dirty");
        PrivateState.SetField(dirty, "_nextStripe", int.MaxValue - 1);
        InodeNumber file = _fileSystem.CreateFile("file");
        for (int i = 0; i < 100; i++)
            _fileSystem.WriteAll(file, (i * 4096L) + 1, "x"u8);
        AssertWritable("a");
    }

    private void AssertWritable(string name)
    {
        Assert.False(_fileSystem.IsReadOnly);
        _fileSystem.WriteAll(_fileSystem.CreateFile(name), 0, FileSystemExtensions.RandomBytes(20_000));
        _fileSystem.SyncAll();
        Assert.False(_fileSystem.IsReadOnly);
        Assert.Equal(Errno.None, _fileSystem.Lookup(InodeNumber.Root, name.Utf8(), out InodeAttributes attributes));
        Assert.Equal(FileSystemExtensions.RandomBytes(20_000), _fileSystem.ReadAll(attributes.Inode, 0, 30_000));
    }
}
