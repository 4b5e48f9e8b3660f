using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class GiveBackTests : IDisposable
{
    private const long MiB = 1 << 20;

    /// <summary>What an open vault of little content may keep: its smallest pool of 4 MiB, the reserve, its pages.</summary>
    private const long OpenVaultBytes = 7 * MiB;

    private readonly MemoryMedium _medium;
    private readonly MasterKey _master;
    private VaultFileSystem _fileSystem;

    public GiveBackTests()
    {
        _medium = TestVault.Create(out _master);
        _fileSystem = TestVault.Open(_medium, _master);
        _medium.AfterGiveBack = () => VaultAudit.Check(_medium.Snapshot(), _master); // both newest states are whole after each call
    }

    public void Dispose() => _fileSystem.Dispose();

    // Goal: after a large deletion the space goes back to the host within two rounds of the timer, and no state that may still
    // be opened is touched; then an idle vault commits no more.
    // Method: a small file among the large; the medium audits after each call. Trimmed bytes read as something else.
    [Fact]
    public void Deleted_space_comes_back()
    {
        InodeNumber small = _fileSystem.CreateFile("small");
        byte[] data = FileSystemExtensions.RandomBytes(50_000);
        _fileSystem.WriteAll(small, 0, data);
        WriteFiles(count: 10, 4 * MiB);
        Tick();
        Assert.InRange(_medium.AllocatedBytes, 40 * MiB, 50 * MiB);
        DeleteFiles(10);
        Tick();
        Tick();
        Assert.InRange(_medium.AllocatedBytes, 0, OpenVaultBytes);
        Tick();
        ulong idle = _fileSystem.DurableGeneration;
        for (int i = 0; i < 5; i++)
            Tick();
        Assert.Equal(idle, _fileSystem.DurableGeneration);
        Assert.Equal(data, _fileSystem.ReadAll(small, 0, data.Length));
        WriteFiles(10, 4 * MiB); // what was given back is had again
        _fileSystem.CommitAll();
        VaultAudit.Check(_medium.Snapshot(), _master);
    }

    // Goal: what only the state before the newest needs is not punched, though there is more free space than an open vault keeps.
    // Method: a file at the end of much free space is written anew elsewhere; the medium audits both states after each call.
    [Fact]
    public void What_the_state_before_needs_is_not_punched()
    {
        WriteFiles(count: 8, 4 * MiB);
        InodeNumber moved = _fileSystem.CreateFile("moved");
        _fileSystem.WriteAll(moved, 0, FileSystemExtensions.RandomBytes(3_000_000));
        _fileSystem.CommitAll();
        DeleteFiles(8);
        for (int i = 0; i < 3; i++)
            _fileSystem.CommitAll();
        _fileSystem.WriteAll(moved, 0, FileSystemExtensions.RandomBytes(3_000_000, seed: 2));
        _fileSystem.CommitAll();
        long before = _medium.AllocatedBytes;
        _fileSystem.GiveBackSpace();
        _fileSystem.GiveBackSpace();
        Assert.InRange(_medium.AllocatedBytes, 0, before - (8 * MiB));
    }

    // Goal: a locked vault holds what it needs and little more, though the lock comes right after the deletion.
    [Fact]
    public void A_locked_vault_is_small()
    {
        InodeNumber kept = _fileSystem.CreateFile("kept");
        byte[] data = FileSystemExtensions.RandomBytes(900_000);
        _fileSystem.WriteAll(kept, 0, data);
        WriteFiles(10, 4 * MiB);
        _fileSystem.CommitAll();
        DeleteFiles(10);
        Reopen();
        Assert.InRange(_medium.AllocatedBytes, data.Length, data.Length + (2 * MiB));
        Assert.Equal(data, _fileSystem.ReadAll(kept, 0, data.Length));
    }

    // Goal: the end of the container goes, not only the content of its blocks.
    // Method: after the deletion a small change moves the pages that were written to the end meanwhile.
    [Fact]
    public void The_container_becomes_shorter()
    {
        WriteFiles(10, 4 * MiB);
        _fileSystem.CommitAll();
        long before = _medium.LengthBytes;
        DeleteFiles(10);
        Tick();
        for (int i = 0; i < 4; i++)
        {
            _fileSystem.CreateFile($"after{i}");
            Tick();
        }

        long open = _medium.LengthBytes;
        Reopen();
        Assert.InRange(open, MiB, before / 2);
        Assert.InRange(_medium.LengthBytes, MiB, open);
    }

    // Goal: a lock writes its last state as two generations: whichever of the two superblocks is lost, nothing else is.
    [Fact]
    public void The_last_state_has_two_superblocks()
    {
        WriteFiles(3, MiB);
        string expected = FileSystemDump.Of(_fileSystem);
        _fileSystem.Close();
        byte[] image = _medium.Snapshot();
        using VaultCipher cipher = new(_master, HeaderCopies.Verify(_medium, _master).Id, CipherSuite.Aes256Gcm);
        ulong newest = new SuperblockRing(_medium, cipher).Read().Newest!.Generation;
        for (ulong generation = newest - 1; generation <= newest; generation++)
        {
            MemoryMedium damaged = new((byte[])image.Clone());
            damaged.Write((long)(ContainerLayout.SuperblockRingBlock + (ulong)SuperblockRing.SlotOf(generation)) * ContainerLayout.BlockSize, new byte[4096]);
            using VaultFileSystem opened = TestVault.Open(damaged, _master);
            Assert.Equal(expected, FileSystemDump.Of(opened));
            opened.WriteAll(opened.CreateFile("more"), 0, new byte[100_000]);
            opened.CommitAll();
            VaultAudit.Check(damaged.Snapshot(), _master);
        }
    }

    // Goal: a container that is longer than its newest state says opens, works, grows right, and is cut by and by.
    [Fact]
    public void A_longer_container_is_cut()
    {
        WriteFiles(2, MiB);
        _fileSystem.Close();
        byte[] image = _medium.Snapshot();
        MemoryMedium longer = new([.. image, .. FileSystemExtensions.RandomBytes(3_000_000)]);
        using VaultFileSystem opened = TestVault.Open(longer, _master);
        opened.WriteAll(opened.CreateFile("more"), 0, FileSystemExtensions.RandomBytes(2_000_000));
        opened.CommitAll();
        VaultAudit.Check(longer.Snapshot(), _master);
        Assert.Equal(Errno.None, opened.Unlink(InodeNumber.Root, "more"u8));
        opened.Close();
        Assert.InRange(longer.LengthBytes, image.Length / 2, image.Length + (2 * MiB));
        VaultAudit.Check(longer.Snapshot(), _master);
    }

    // Goal: work that goes on, at a constant live size, does not let the container grow: its bytes stay below twice the live
    // data plus what the timer lets wait.
    // Method: overwrite in order, at random places and whole files by turns, a commit after each 2 MiB. What the bound allows for:
    // the live data, twice what is written between two commits (held back), the pool, growth in steps of an eighth.
    [Theory]
    [InlineData("sequential")]
    [InlineData("random")]
    [InlineData("files")]
    public void Steady_overwriting_stays_bounded(string how)
    {
        const int FileCount = 8;
        _medium.AfterGiveBack = null; // the audit at the end is enough
        WriteFiles(FileCount, 2 * MiB);
        Random random = new(1);
        byte[] block = FileSystemExtensions.RandomBytes(4096);
        for (int commit = 0; commit < 80; commit++)
        {
            int file = commit % FileCount;
            InodeNumber inode = Find(file);
            switch (how)
            {
                case "sequential":
                    _fileSystem.WriteAll(inode, 0, FileSystemExtensions.RandomBytes((int)(2 * MiB), commit));
                    break;
                case "random":
                    for (int i = 0; i < 200; i++)
                        _fileSystem.WriteAll(Find(random.Next(FileCount)), random.Next((int)(2 * MiB / 4096)) * 4096L, block);
                    break;
                default:
                    Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, $"f{file}".Utf8()));
                    _fileSystem.Forget(inode, 2);
                    WriteFile(file, 2 * MiB);
                    break;
            }

            Tick();
            Assert.InRange(_medium.LengthBytes, FileCount * 2 * MiB, FileCount * 2 * MiB * 2);
        }

        _fileSystem.Close();
        long fragments = how == "random" ? 6 * MiB : 0; // free, but less than 64 KiB in one piece
        Assert.InRange(_medium.AllocatedBytes, FileCount * 2 * MiB, (FileCount * 2 * MiB) + (2 * MiB) + fragments);
        VaultAudit.Check(_medium.Snapshot(), _master);
    }

    // Goal: a host that fails to take space back costs space and nothing else.
    [Fact]
    public void A_host_that_takes_nothing_back_is_no_failure()
    {
        WriteFiles(4, 4 * MiB);
        DeleteFiles(4);
        _medium.AfterGiveBack = () => throw new VaultException(VaultFailure.IoError, "Simulated failure of the host.");
        for (int i = 0; i < 4; i++)
            Tick();
        Assert.False(_fileSystem.IsReadOnly);
        WriteFiles(4, 4 * MiB);
        Reopen();
        VaultAudit.Check(_medium.Snapshot(), _master);
    }

    private void Tick()
    {
        _fileSystem.CommitAll();
        _fileSystem.GiveBackSpace();
    }

    private void Reopen()
    {
        _fileSystem.Close();
        _fileSystem = TestVault.Open(_medium, _master);
    }

    private InodeNumber Find(int file)
    {
        Assert.Equal(Errno.None, _fileSystem.Lookup(InodeNumber.Root, $"f{file}".Utf8(), out InodeAttributes found));
        _fileSystem.Forget(found.Inode, 1);
        return found.Inode;
    }

    private void WriteFile(int file, long size)
    {
        InodeNumber inode = _fileSystem.CreateFile($"f{file}");
        _fileSystem.WriteAll(inode, 0, FileSystemExtensions.RandomBytes((int)size, file));
    }

    private void WriteFiles(int count, long size)
    {
        for (int i = 0; i < count; i++)
            WriteFile(i, size);
    }

    private void DeleteFiles(int count)
    {
        for (int i = 0; i < count; i++)
        {
            InodeNumber inode = Find(i);
            Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, $"f{i}".Utf8()));
            _fileSystem.Forget(inode, 1);
        }
    }
}
