using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class FullHostTests : IDisposable
{
    private readonly MemoryMedium _medium;
    private readonly MasterKey _master;
    private VaultFileSystem _fileSystem;

    public FullHostTests()
    {
        _medium = TestVault.Create(out _master);
        _fileSystem = TestVault.Open(_medium, _master);
    }

    public void Dispose() => _fileSystem.Dispose();

    // Goal: on a host that is full to the last byte, a vault opens, what was synced is there, deleting works and makes room:
    // after a lock that gave back what it could, and after a process that died.
    // Method: delete some of the files and give their space back, then somebody else takes it all. The host refuses every
    // block that is not allocated. Then delete the rest and write again what fits.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_vault_on_a_full_host_can_be_emptied(bool wasLocked)
    {
        const int Count = 40;
        byte[] data = FileSystemExtensions.RandomBytes(500_000);
        for (int i = 0; i < Count; i++)
            _fileSystem.WriteAll(_fileSystem.CreateFile($"f{i}"), 0, data);
        _fileSystem.CommitAll();
        for (int i = 0; i < Count; i += 2)
            Delete(i);
        for (int i = 0; i < 3; i++)
        {
            _fileSystem.CommitAll();
            _fileSystem.GiveBackSpace();
        }

        if (wasLocked)
            _fileSystem.Close();
        else
            _fileSystem.Dispose();
        _medium.CapacityBytes = _medium.AllocatedBytes;
        _fileSystem = TestVault.Open(_medium, _master);
        for (int i = 1; i < Count; i += 2)
        {
            Assert.Equal(Errno.None, _fileSystem.Lookup(InodeNumber.Root, $"f{i}".Utf8(), out InodeAttributes found));
            Assert.Equal(data, _fileSystem.ReadAll(found.Inode, 0, data.Length));
            Delete(i);
            _fileSystem.Forget(found.Inode, 1);
        }

        _fileSystem.CommitAll();
        for (int i = 0; i < (Count / 2) - 4; i++)
            _fileSystem.WriteAll(_fileSystem.CreateFile($"g{i}"), 0, data);
        _fileSystem.CommitAll();
        _fileSystem.Close();
        Assert.InRange(_medium.AllocatedBytes, 0, _medium.CapacityBytes);
        VaultAudit.Check(_medium.Snapshot(), _master);
    }

    // Goal: when the host fills up the writer hears of it at once, a commit never does, and what is deleted can be written again,
    // many times over: the space that is given back to a full host and lost to others is no trap.
    // Method: fill, sync, delete half, give back, and somebody else takes a part of what was given back.
    [Fact]
    public void A_full_host_refuses_writes_and_never_commits()
    {
        _medium.CapacityBytes = 24 << 20;
        byte[] data = FileSystemExtensions.RandomBytes(300_000);
        HashSet<int> files = [];
        int next = 0;
        for (int round = 0; round < 6; round++)
        {
            while (_fileSystem.CreateNode(InodeNumber.Root, $"f{next}".Utf8(), ModeBits.RegularFile, 0, 0, 0, out InodeAttributes file) == Errno.None)
            {
                files.Add(next++);
                if (_fileSystem.Write(file.Inode, 0, data, true, false) != Errno.None)
                    break;
            }

            _fileSystem.CommitAll();
            foreach (int i in files.Where(i => i % 2 == round % 2).ToList())
            {
                Delete(i);
                files.Remove(i);
            }

            for (int i = 0; i < 3; i++)
            {
                _fileSystem.CommitAll();
                _fileSystem.GiveBackSpace();
            }

            _medium.CapacityBytes -= (_medium.CapacityBytes - _medium.AllocatedBytes) / 4 / 4096 * 4096;
        }

        Assert.InRange(next, 100, int.MaxValue);
        _fileSystem.Close();
        VaultAudit.Check(_medium.Snapshot(), _master);
    }

    // Goal: a write that is refused changes nothing, not even when a small file had to take another form for it first.
    // Method: a file of its own keeps the host from growing: there is room for the form, not for the data.
    [Fact]
    public void A_refused_write_changes_no_times()
    {
        InodeNumber file = _fileSystem.CreateFile("file");
        _fileSystem.WriteAll(file, 0, "small"u8);
        _fileSystem.CommitAll();
        InodeAttributes before = _fileSystem.Stat(file);
        _medium.CapacityBytes = _medium.AllocatedBytes + (700 << 10);
        Assert.Equal(Errno.ENOSPC, _fileSystem.Write(file, 100, new byte[(1 << 20) - 100], true, false));
        InodeAttributes after = _fileSystem.Stat(file);
        Assert.Equal((before.ModifyTime, before.ChangeTime, before.Mode), (after.ModifyTime, after.ChangeTime, after.Mode));
        Assert.Equal("small"u8.ToArray(), _fileSystem.ReadAll(file, 0, 5));
    }

    // Goal: who needs freed space and waits for a commit that another thread leads gets it, though nothing else is to be committed.
    // Method: a commit seems to run; the waiter comes; then another thread leads for both with an ordinary sync.
    [Fact]
    public void A_follower_gets_freed_space_too()
    {
        InodeNumber file = _fileSystem.CreateFile("file");
        _fileSystem.WriteAll(file, 0, FileSystemExtensions.RandomBytes(1 << 20));
        _fileSystem.CommitAll();
        _fileSystem.SetSize(file, 0);
        _fileSystem.CommitAll();
        Committer committer = PrivateState.Field<Committer>(_fileSystem, "_committer");
        SpaceMap space = PrivateState.Field<Volume>(_fileSystem, "_volume").Space;
        object monitor = PrivateState.Field<object>(committer, "_monitor");
        Assert.InRange(space.HeldBlocks, 256, long.MaxValue);
        PrivateState.SetField(committer, "_isRunning", true);
        long requested = PrivateState.Field<long>(committer, "_requested");
        ulong before = committer.DurableGeneration;
        Thread waiter = new(committer.ReleaseFreedSpace);
        waiter.Start();
        Assert.True(SpinWait.SpinUntil(() => PrivateState.Field<long>(committer, "_requested") > requested && waiter.ThreadState.HasFlag(ThreadState.WaitSleepJoin), TimeSpan.FromSeconds(30)));
        lock (monitor)
            PrivateState.SetField(committer, "_isRunning", false);
        committer.Sync();
        Assert.InRange(committer.DurableGeneration, before + 1, before + 2); // the waiter may have begun its second one
        waiter.Join();
        Assert.InRange(space.HeldBlocks, 0, 50 + SpacePolicy.Default.FirstLogSegment); // the log moved, too
    }

    private void Delete(int file)
    {
        Assert.Equal(Errno.None, _fileSystem.Lookup(InodeNumber.Root, $"f{file}".Utf8(), out InodeAttributes found));
        Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, $"f{file}".Utf8()));
        _fileSystem.Forget(found.Inode, 2);
    }
}
