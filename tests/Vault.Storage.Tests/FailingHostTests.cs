using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class FailingHostTests : IDisposable
{
    private readonly MemoryMedium _medium;
    private readonly MasterKey _master;
    private readonly VaultFileSystem _fileSystem;

    public FailingHostTests()
    {
        _medium = TestVault.Create(out _master, chunkSize: 4096);
        _fileSystem = TestVault.Open(_medium, _master);
    }

    public void Dispose() => _fileSystem.Dispose();

    // Goal: where the host does not let the bitmap of the state before the newest be read, that state stays whole all the same: the
    // host may let it be read when the state is needed.
    // Method: overwrite a file, so that the state before has blocks of its own; open while reads of its bitmap fail, and write so
    // much that any block which is taken for free is used.
    [Fact]
    public void A_state_before_whose_bitmap_cannot_be_read_stays_whole()
    {
        InodeNumber file = _fileSystem.CreateFile("file");
        for (int seed = 1; seed <= 2; seed++)
        {
            _fileSystem.WriteAll(file, 0, FileSystemExtensions.RandomBytes(400_000, seed));
            _fileSystem.CommitAll();
        }

        MemoryMedium medium = new(_medium.Snapshot());
        long bitmap = OffsetOfBitmapOfStateBefore(medium);
        int failures = 0;
        medium.BeforeRead = offset =>
        {
            if (offset != bitmap)
                return;
            failures++;
            throw new VaultException(VaultFailure.IoError, "Simulated failure of the host.");
        };
        using VaultFileSystem opened = TestVault.Open(medium, _master);
        opened.WriteAll(opened.CreateFile("other"), 0, FileSystemExtensions.RandomBytes(4_000_000));
        Assert.InRange(failures, 1, int.MaxValue);

        medium.BeforeRead = null;
        VaultAudit.Check(medium.Snapshot(), _master);
    }

    private long OffsetOfBitmapOfStateBefore(MemoryMedium medium)
    {
        VaultHeader header = HeaderCopies.Verify(medium, _master);
        using VaultCipher cipher = new(_master, header.Id, header.Suite);
        BlockPointer index = new SuperblockRing(medium, cipher).Read().Previous!.Space.Index;
        byte[] page = new byte[ContainerLayout.BlockSize];
        new SealedUnits(medium, cipher, null).Read(index, page);
        return BlockPointer.Read(page).Address.OffsetBytes;
    }

    // Goal: no fsync succeeds over writes that a failed flush dropped, whatever the flush's error was.
    // Method: the host forgets what was written since the flush before and says so once, as Linux does (a page whose
    // writeback failed counts as clean afterwards); then sync again.
    [Theory]
    [InlineData(VaultFailure.NoSpace)]
    [InlineData(VaultFailure.IoError)]
    public void A_failed_flush_is_never_forgotten(VaultFailure failure)
    {
        _fileSystem.CommitAll();
        byte[] flushed = _medium.Snapshot();
        InodeNumber file = _fileSystem.CreateFile("file");
        _fileSystem.WriteAll(file, 0, FileSystemExtensions.RandomBytes(100_000));
        _medium.BeforeFlush = () =>
        {
            _medium.BeforeFlush = null;
            _medium.Restore(flushed);
            throw new VaultException(failure, "Simulated failure of the host.");
        };
        Assert.NotEqual(Errno.None, _fileSystem.Sync());
        Assert.NotEqual(Errno.None, _fileSystem.Sync());
        Assert.True(_fileSystem.IsReadOnly);
        VaultAudit.Check(_medium.Snapshot(), _master);
    }

    // Goal: a write that the host refuses for want of space (a copy-on-write host does) loses neither data nor blocks.
    // Method: refuse the n-th write of a workload, for every n; what was refused is tried again; then the audit, which
    // wants every used block reachable.
    [Fact]
    public void A_refused_write_leaks_nothing()
    {
        byte[] data = FileSystemExtensions.RandomBytes(90_000);
        for (int refused = 1; refused <= 60; refused++)
        {
            int countdown = refused;
            string name = $"f{refused}";
            InodeNumber file = _fileSystem.CreateFile(name);
            _medium.BeforeWrite = _ =>
            {
                if (--countdown == 0)
                    throw new VaultException(VaultFailure.NoSpace, "Simulated full host.");
            };
            if (_fileSystem.Write(file, 100, data, true, false) != Errno.None)
                _fileSystem.WriteAll(file, 100, data);
            if (_fileSystem.Sync() != Errno.None)
                _fileSystem.CommitAll();
            _medium.BeforeWrite = null;
            _fileSystem.CommitAll();
            Assert.Equal(data, _fileSystem.ReadAll(file, 100, data.Length));
            if (countdown > 0)
                break;
            if (refused % 4 == 0)
                VaultAudit.Check(_medium.Snapshot(), _master);
        }

        _fileSystem.Close();
        VaultAudit.Check(_medium.Snapshot(), _master);
    }

    // Goal: an operation that breaks off halfway while a commit is beginning is never made durable.
    // Method: the volume fails, as it does then, at the first write of the commit: the data of what is to be frozen.
    [Fact]
    public void Half_an_operation_is_never_committed()
    {
        _fileSystem.CommitAll();
        ulong durable = _fileSystem.DurableGeneration;
        byte[] before = _medium.Snapshot();
        _fileSystem.WriteAll(_fileSystem.CreateFile("file"), 0, FileSystemExtensions.RandomBytes(10_000));
        _medium.BeforeWrite = _ => PrivateState.Field<Volume>(_fileSystem, "_volume").Fail(new VaultException(VaultFailure.Corrupted, "An operation broke off."));
        Assert.Equal(Errno.EIO, _fileSystem.Commit());
        Assert.Equal(durable, _fileSystem.DurableGeneration);
        int ring = (int)ContainerLayout.SuperblockRingBlock * ContainerLayout.BlockSize;
        int size = ContainerLayout.SuperblockSlotCount * ContainerLayout.BlockSize;
        Assert.Equal(before.AsSpan(ring, size), _medium.Snapshot().AsSpan(ring, size));
    }

    // Goal: a commit that finds no room for its space map can be tried again when there is room.
    [Fact]
    public void A_space_map_that_found_no_room_can_be_written_later()
    {
        using MasterKey master = MasterKey.Generate(RandomSource.System);
        using VaultCipher cipher = new(master, new VaultId(7), CipherSuite.Aes256Gcm);
        using SealingSession session = new(cipher, RandomSource.System);
        for (int free = 0; free < 4; free++)
        {
            MemoryMedium medium = new() { CapacityBytes = 1 << 20 };
            medium.Allocate(0, 1 << 20);
            SealedUnits units = new(medium, cipher, session);
            SpaceMap space = SpaceMap.CreateEmpty(medium, units, 1);
            space.Freeze(2);
            _ = space.WriteFrozen(1);
            space.ReleaseHeld();
            BlockAddress last = default;
            while (space.FreeBlocks > 0)
                last = space.AllocateForCommit(SealKind.Leaf, 1, 2, twice: false).Address;
            for (int i = 0; i < free; i++)
                space.Free(new BlockAddress(last.Value - (ulong)i), 1, 2);
            space.Freeze(3);
            if (free < 3) // a bitmap and two copies of the index
                Assert.Equal(VaultFailure.NoSpace, Assert.Throws<VaultException>(() => space.WriteFrozen(2)).Failure);
            medium.CapacityBytes = 2 << 20;
            SpaceMapRoot root = space.WriteFrozen(2);
            space.ReleaseHeld();
            SpaceMap opened = new(medium, units, root, null, 3);
            for (long i = 0; i < root.FreeBlocks; i++)
                _ = opened.AllocateForCommit(SealKind.Leaf, 1, 3, twice: false);
            Assert.Equal(root.TotalBlocks, opened.TotalBlocks);
        }
    }

    // Goal: who waits for a commit that another thread leads never hears of success when the leader broke off, however it did.
    // Method: the first commit is held up until two more threads wait; one of them leads the next commit for both, and
    // that one throws what nobody foresaw.
    [Fact]
    public async Task A_leader_that_breaks_off_takes_its_followers_with_it()
    {
        using ManualResetEventSlim isCommitting = new();
        using ManualResetEventSlim goOn = new();
        int flushes = 0;
        InodeNumber file = _fileSystem.CreateFile("file");
        _medium.BeforeFlush = () =>
        {
            if (++flushes == 1)
            {
                isCommitting.Set();
                goOn.Wait();
            }
            else if (flushes >= 3)
            {
                throw new InvalidOperationException("Simulated bug.");
            }
        };
        Task<Errno> first = Task.Factory.StartNew(_fileSystem.Sync, TaskCreationOptions.LongRunning);
        isCommitting.Wait(TestContext.Current.CancellationToken);
        _fileSystem.WriteAll(file, 0, "change"u8);
        List<Thread> threads = [];
        List<string> outcomes = [];
        for (int i = 0; i < 2; i++)
        {
            Thread thread = new(() =>
            {
                string outcome;
                try
                {
                    outcome = _fileSystem.Sync().ToString();
                }
                catch (InvalidOperationException)
                {
                    outcome = "broke off";
                }

                lock (outcomes)
                    outcomes.Add(outcome);
            });
            thread.Start();
            threads.Add(thread);
        }

        Assert.True(SpinWait.SpinUntil(() => threads.TrueForAll(t => (t.ThreadState & ThreadState.WaitSleepJoin) != 0), TimeSpan.FromSeconds(30)));
        goOn.Set();
        Assert.Equal(Errno.None, await first);
        threads.ForEach(t => t.Join());
        Assert.DoesNotContain("None", outcomes);
        Assert.True(_fileSystem.IsReadOnly);
    }

    // Goal: a commit under way finds the space that it was promised, though others fill the host meanwhile.
    // Method: many small files, so that the commit has many pages; at its first write another thread writes until the
    // host is full.
    [Fact]
    public void Writers_cannot_take_the_space_of_a_commit_under_way()
    {
        _medium.CapacityBytes = 24 << 20;
        byte[] small = FileSystemExtensions.RandomBytes(3000);
        for (int i = 0; i < 1500; i++)
            _fileSystem.WriteAll(_fileSystem.CreateFile($"f{i}"), 0, small);
        InodeNumber big = _fileSystem.CreateFile("big");
        Thread filler = new(() => FillWith(big));
        _medium.BeforeWrite = _ =>
        {
            _medium.BeforeWrite = null;
            filler.Start();
            filler.Join(TimeSpan.FromSeconds(1)); // at the end it waits for this commit
        };
        Errno outcome = _fileSystem.Sync();
        filler.Join();
        Assert.Equal(Errno.None, outcome);
    }

    // Goal: on a full host, changes that need no room of their own (chmod, unlink) always go on, and become durable.
    // Method: fill the host with empty files, change the mode of each without a sync, then delete them all.
    [Fact]
    public void A_full_host_does_not_stop_changes_of_what_exists()
    {
        _medium.CapacityBytes = 6 << 20;
        List<InodeNumber> files = [];
        int countAtSync = -1;
        while (files.Count > countAtSync) // until a sync makes no more room
        {
            countAtSync = files.Count;
            while (_fileSystem.CreateNode(InodeNumber.Root, $"f{files.Count}".Utf8(), ModeBits.RegularFile, 0, 0, 0, out InodeAttributes file) == Errno.None)
                files.Add(file.Inode);
            _fileSystem.CommitAll();
        }


        AttributeChange change = new() { Fields = AttributeChanges.Mode, Mode = 0x1ED };
        foreach (InodeNumber file in files)
            Assert.Equal(Errno.None, _fileSystem.SetAttributes(file, change, out _));
        _fileSystem.CommitAll();
        for (int i = 0; i < files.Count; i++)
        {
            Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, $"f{i}".Utf8()));
            _fileSystem.Forget(files[i], 1);
        }

        _fileSystem.CommitAll();
        _fileSystem.CommitAll();
        _fileSystem.WriteAll(_fileSystem.CreateFile("again"), 0, FileSystemExtensions.RandomBytes(100_000));
        _fileSystem.Close();
        VaultAudit.Check(_medium.Snapshot(), _master);
    }

    // Goal: a full host on which little files come and go at random stays usable: free space in pieces too small for a page
    // never keeps a commit, and with it the deletions, from being durable.
    // Method: fill up, delete some at random, again and again. A sync may report ENOSPC for data that was accepted, but the
    // next one succeeds.
    [Theory]
    [InlineData(1, 5000)]
    [InlineData(2, 9000)]
    public void Free_space_in_pieces_does_not_stop_commits(int seed, int fileSize)
    {
        _medium.CapacityBytes = 8 << 20;
        byte[] data = FileSystemExtensions.RandomBytes(fileSize);
        Random random = new(seed);
        List<(string Name, InodeNumber Inode)> files = [];
        int created = 0;
        int firstFill = 0;
        for (int round = 0; round < 5; round++)
        {
            while (_fileSystem.CreateNode(InodeNumber.Root, $"f{created}".Utf8(), ModeBits.RegularFile, 0, 0, 0, out InodeAttributes file) == Errno.None)
            {
                files.Add(($"f{created++}", file.Inode));
                if (_fileSystem.Write(file.Inode, 0, data, true, false) != Errno.None)
                    break;
                if (random.Next(40) == 0)
                    _ = _fileSystem.Sync();
            }

            firstFill = firstFill == 0 ? created : firstFill;
            for (int i = files.Count / random.Next(2, 6); i > 0; i--)
            {
                int index = random.Next(files.Count);
                Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, files[index].Name.Utf8()));
                _fileSystem.Forget(files[index].Inode, 1);
                files.RemoveAt(index);
                if (random.Next(40) == 0)
                    _ = _fileSystem.Sync();
            }

            if (_fileSystem.Sync() != Errno.None)
                _fileSystem.CommitAll();
        }

        Assert.InRange(created, firstFill + 200, int.MaxValue);
        _fileSystem.Close();
        VaultAudit.Check(_medium.Snapshot(), _master);
    }

    private void FillWith(InodeNumber file)
    {
        byte[] data = new byte[64 * 1024];
        for (long offset = 0; data.Length >= 4096;)
        {
            if (_fileSystem.Write(file, offset, data, true, false) == Errno.None)
                offset += data.Length;
            else
                data = new byte[data.Length / 2];
        }
    }
}
