using Vault.Crypto;

namespace Vault.Storage.Tests;

/// <summary>Deleting goes on in the background, step by step, and nothing waits for the end of it.</summary>
public sealed class BackgroundDeletionTests : IDisposable
{
    private const int ChunkSize = 4096;
    private const int ChunksOfAStep = 4096;
    private const string ReaperName = "vaultfs-reaper";

    private readonly MemoryMedium _medium;
    private readonly MasterKey _master;
    private VaultFileSystem _fileSystem;

    public BackgroundDeletionTests()
    {
        _medium = TestVault.Create(out _master, ChunkSize);
        _fileSystem = TestVault.Open(_medium, _master);
    }

    public void Dispose() => _fileSystem.Dispose();

    // Goal: the time of an unlock does not depend on how many inodes wait to be deleted.
    // Method: count the reads of the thread that opens, with no orphan and with thousands, for which the tree is a level or two
    // higher, and where the log ends is looked for. Then all of them go.
    [Fact]
    public void Opening_does_not_look_at_the_orphans()
    {
        _fileSystem.Close();
        int readsWithout = ReadsWhileOpening();
        for (int i = 0; i < 3000; i++)
            UnlinkWhileOpen($"f{i}");
        _fileSystem.CommitAll();
        _fileSystem.Dispose();
        Assert.InRange(ReadsWhileOpening(), 1, readsWithout + 5);
        WaitUntil(() => _fileSystem.GetStatistics().InodeCount == 1);
        CloseAndAudit();
    }

    // Goal: deleting a large file costs the caller a handful of changes, however large it is.
    // Method: the file's stripe is held meanwhile, so that the changes counted are the caller's alone.
    [Theory]
    [InlineData(2500)]
    [InlineData(10_000)]
    public void Unlinking_a_large_file_is_a_handful_of_changes(int chunks)
    {
        InodeNumber file = LargeFile(chunks);
        _fileSystem.Forget(file, 1);
        CopyOnWriteTree tree = PrivateState.Field<Volume>(_fileSystem, "_volume").Tree;
        DataStripe stripe = PrivateState.Field<DirtyData>(_fileSystem, "_dirty").StripeOf(file);
        stripe.Lock.EnterWriteLock();
        long before = tree.ChangeCount;
        Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, "large"u8));
        long changes = tree.ChangeCount - before;
        stripe.Lock.ExitWriteLock();
        Assert.InRange(changes, 1, 8);
        WaitUntil(() => _fileSystem.GetStatistics().InodeCount == 1);
        CloseAndAudit();
    }

    // Goal: closing a vault waits for one step of a deletion, not for all of it; the next unlock goes on.
    // Method: the reaper is held in its first step until Close has told it to stop.
    [Fact]
    public void Closing_stops_a_deletion_between_two_steps()
    {
        InodeNumber file = LargeFile(3 * ChunksOfAStep);
        _fileSystem.Forget(file, 1);
        DataStripe stripe = PrivateState.Field<DirtyData>(_fileSystem, "_dirty").StripeOf(file);
        stripe.Lock.EnterWriteLock();
        Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, "large"u8));
        WaitUntil(() => stripe.Lock.WaitingWriteCount == 1);
        CancellationTokenSource stopping = PrivateState.Field<CancellationTokenSource>(PrivateState.Field<OrphanReaper>(_fileSystem, "_reaper"), "_stopping");
        Thread closer = new(_fileSystem.Close);
        closer.Start();
        WaitUntil(() => stopping.IsCancellationRequested);
        stripe.Lock.ExitWriteLock();
        closer.Join();
        VaultAudit.Check(_medium.Snapshot(), _master);
        Assert.Equal(2 * ChunksOfAStep, ChunksOnDisk());

        _fileSystem = TestVault.Open(_medium, _master);
        WaitUntil(() => _fileSystem.GetStatistics().InodeCount == 1);
        CloseAndAudit();
        Assert.Equal(0, ChunksOnDisk());
    }

    // Goal: a deletion that a kill broke off goes on at the next unlock from the state that was durable.
    // Method: images of the medium after each commit during the deletion, each opened on its own.
    [Fact]
    public void A_deletion_goes_on_after_a_kill()
    {
        InodeNumber file = LargeFile(3 * ChunksOfAStep);
        List<byte[]> images = [];
        Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, "large"u8));
        _fileSystem.CommitAll();
        images.Add(_medium.Snapshot());
        FileCutter cutter = PrivateState.Field<FileCutter>(_fileSystem, "_cutter");
        for (int step = 0; step < 2; step++)
        {
            Assert.True(cutter.PurgeStep(file, _ => Assert.Fail("The file was empty too early.")));
            _fileSystem.CommitAll();
            images.Add(_medium.Snapshot());
        }

        foreach (byte[] image in images)
        {
            VaultAudit.Check(image, _master);
            MemoryMedium medium = new(image);
            using VaultFileSystem opened = TestVault.Open(medium, _master);
            WaitUntil(() => opened.GetStatistics().InodeCount == 1);
            opened.Close();
            VaultAudit.Check(medium.Snapshot(), _master);
        }
    }

    // Goal: an inode that lost its name in this session but is still open is not taken for a leftover.
    // Method: three inodes in the order in which they are looked for: a leftover whose deletion is held until the second has
    // been unlinked while open, and a leftover that shows by its end that the search went past the second.
    [Fact]
    public void The_search_for_leftovers_spares_what_is_open()
    {
        for (int i = 0; i < 1000; i++) // a tree of several pages, so that the search must read one
            _fileSystem.CreateFile($"f{i}");
        InodeNumber first = UnlinkWhileOpen("first");
        InodeNumber second = _fileSystem.CreateFile("second");
        _fileSystem.WriteAll(second, 0, "still here"u8);
        InodeNumber third = UnlinkWhileOpen("third");
        _fileSystem.CommitAll();
        _fileSystem.Dispose();

        using ManualResetEventSlim goOn = new();
        _medium.BeforeRead = _ =>
        {
            if (Thread.CurrentThread.Name == ReaperName)
                goOn.Wait(TimeSpan.FromSeconds(30));
        };
        _fileSystem = TestVault.Open(_medium, _master);
        DataStripe stripe = PrivateState.Field<DirtyData>(_fileSystem, "_dirty").StripeOf(first);
        stripe.Lock.EnterWriteLock();
        goOn.Set();
        Assert.Equal(Errno.None, _fileSystem.Lookup(InodeNumber.Root, "second"u8, out _));
        Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, "second"u8));
        stripe.Lock.ExitWriteLock();
        WaitUntil(() => _fileSystem.GetAttributes(third, out _) == Errno.ENOENT);
        Assert.Equal(Errno.ENOENT, _fileSystem.GetAttributes(first, out _));
        Assert.Equal("still here".Utf8(), _fileSystem.ReadAll(second, 0, 100));
        _fileSystem.Forget(second, 1);
        Assert.Equal(Errno.ENOENT, _fileSystem.GetAttributes(second, out _));
    }

    // Goal: cutting or deleting a file costs by what it holds, not by its size.
    // Method: data at both ends of the largest file; count the changes of the tree until it is gone.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_sparse_file_of_petabytes_is_cut_in_a_few_changes(bool truncate)
    {
        InodeNumber file = _fileSystem.CreateFile("sparse");
        _fileSystem.WriteAll(file, 0, new byte[100_000]);
        _fileSystem.WriteAll(file, 1L << 52, new byte[100_000]);
        _fileSystem.WriteAll(file, FileWriter.MaxFileSize - 100_000, new byte[100_000]);
        _fileSystem.CommitAll();
        CopyOnWriteTree tree = PrivateState.Field<Volume>(_fileSystem, "_volume").Tree;
        long before = tree.ChangeCount;
        if (truncate)
            Assert.Equal(12345, _fileSystem.SetSize(file, 12345).SizeBytes);
        else
            Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, "sparse"u8));
        _fileSystem.Forget(file, 1);
        Assert.InRange(tree.ChangeCount - before, 1, 40);
        _fileSystem.CommitAll();
        Assert.Equal(truncate ? 4 : 0, ChunksOnDisk());
        CloseAndAudit();
    }

    // Goal: a dense file that is cut in several steps keeps exactly what lies before its new end.
    [Theory]
    [InlineData(0)]
    [InlineData(ChunksOfAStep * ChunkSize)]
    [InlineData((ChunksOfAStep * ChunkSize * 2) + 1)]
    public void A_file_cut_in_steps_keeps_what_lies_before_its_end(int newSize)
    {
        InodeNumber file = LargeFile((2 * ChunksOfAStep) + 10);
        byte[] before = _fileSystem.ReadAll(file, 0, (2 * ChunksOfAStep) * ChunkSize);
        _fileSystem.SetSize(file, newSize);
        int kept = Math.Min(newSize, before.Length);
        Assert.Equal(before.AsSpan(0, kept), _fileSystem.ReadAll(file, 0, before.Length).AsSpan(0, kept));
        Assert.Equal(newSize, _fileSystem.Stat(file).SizeBytes);
        CloseAndAudit();
    }

    // Goal: a creation that fails on a damaged page leaves the number of inodes right.
    // Method: damage the last leaf of the inode table, where the new inode's record would go.
    [Fact]
    public void A_failed_creation_is_not_counted()
    {
        for (int i = 0; i < 500; i++)
            _fileSystem.CreateFile($"f{i}");
        _fileSystem.Close();
        BlockPointer leaf = ContainerUnits.Of(_medium.Snapshot(), _master).Last(u => u.IsLeafOf(TableId.Inodes)).Pointer;
        ContainerUnits.FlipBit(_medium, leaf);
        _fileSystem = TestVault.Open(_medium, _master);
        long before = _fileSystem.GetStatistics().InodeCount;
        Assert.Equal(Errno.EIO, _fileSystem.CreateNode(InodeNumber.Root, "new"u8, ModeBits.RegularFile, 0, 0, 0, out _));
        Assert.False(_fileSystem.IsReadOnly);
        Assert.Equal(before, _fileSystem.GetStatistics().InodeCount);
    }

    private InodeNumber LargeFile(int chunks)
    {
        InodeNumber file = _fileSystem.CreateFile("large");
        byte[] data = FileSystemExtensions.RandomBytes(1 << 20);
        for (long offset = 0; offset < (long)chunks * ChunkSize; offset += data.Length)
            _fileSystem.WriteAll(file, offset, data.AsSpan(0, (int)Math.Min(data.Length, ((long)chunks * ChunkSize) - offset)));
        _fileSystem.CommitAll();
        return file;
    }

    // The reference of the creation is kept: the inode outlives its name.
    private InodeNumber UnlinkWhileOpen(string name)
    {
        InodeNumber inode = _fileSystem.CreateFile(name);
        Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, name.Utf8()));
        return inode;
    }

    private int ReadsWhileOpening()
    {
        int reads = 0;
        int opener = Environment.CurrentManagedThreadId;
        _medium.BeforeRead = _ => reads += Environment.CurrentManagedThreadId == opener ? 1 : 0;
        _fileSystem = TestVault.Open(_medium, _master);
        _medium.BeforeRead = null;
        return reads;
    }

    private int ChunksOnDisk() => ContainerUnits.Of(_medium.Snapshot(), _master).Count(u => u.Pointer.Kind == SealKind.Chunk);

    private void CloseAndAudit()
    {
        _fileSystem.Close();
        VaultAudit.Check(_medium.Snapshot(), _master);
    }

    private static void WaitUntil(Func<bool> condition) =>
        Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromMinutes(5)), "What was to happen in the background did not happen.");
}
