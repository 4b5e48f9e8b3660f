using System.Collections.Concurrent;
using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class SharedChunkTests : IDisposable
{
    private const int Chunk = 32 * 1024;

    private readonly MemoryMedium _medium;
    private readonly MasterKey _master;
    private readonly byte[] _data = FileSystemExtensions.RandomBytes((20 * Chunk) + 5000);
    private VaultFileSystem _fileSystem;
    private InodeNumber _source;

    public SharedChunkTests()
    {
        _medium = TestVault.Create(out _master);
        _fileSystem = TestVault.Open(_medium, _master);
        _source = _fileSystem.CreateFile("source");
        _fileSystem.WriteAll(_source, 0, _data);
    }

    public void Dispose() => _fileSystem.Dispose();

    // Goal: a copy of a whole file takes no space for its data, its tail included, and st_blocks says what each file holds.
    [Fact]
    public void A_whole_file_is_cloned_without_data()
    {
        _fileSystem.CommitAll();
        long before = UsedBlocks();
        InodeNumber clone = Clone("clone");
        _fileSystem.CommitAll();
        Assert.InRange(UsedBlocks() - before, 0, 40); // pages of the tree, two copies, held-back ones
        Assert.Equal(_data, _fileSystem.ReadAll(clone, 0, _data.Length + 1));
        Assert.Equal(_fileSystem.Stat(_source).Blocks512, _fileSystem.Stat(clone).Blocks512);
        Assert.Equal(21, SharedCount());
        Audit();
    }

    // Goal: what happens to one file never shows in another that shares its chunks, and everything that nobody has is free.
    // Method: each way to let go of a chunk, on the source and on a clone of it; the other one is read after two commits and new
    // data, which would take blocks that were freed too early; then all is deleted.
    [Theory]
    [InlineData("overwrite a chunk")]
    [InlineData("overwrite a part")]
    [InlineData("truncate")]
    [InlineData("truncate in a chunk")]
    [InlineData("punch")]
    [InlineData("punch parts")]
    [InlineData("zero")]
    [InlineData("copy over it")]
    [InlineData("delete")]
    public void A_shared_chunk_survives_what_happens_to_another_file(string what)
    {
        foreach (bool changesSource in (bool[])[true, false])
        {
            InodeNumber clone = Clone("clone");
            InodeNumber third = Clone("third");
            InodeNumber changed = changesSource ? _source : clone;
            InodeNumber kept = changesSource ? clone : _source;
            Change(what, changed, changesSource ? "source" : "clone");
            _fileSystem.CommitAll();
            Refill();
            Assert.Equal(_data, _fileSystem.ReadAll(kept, 0, _data.Length));
            Assert.Equal(_data, _fileSystem.ReadAll(third, 0, _data.Length));
            Audit();
            foreach (string name in (string[])["source", "clone", "third"])
            {
                if (_fileSystem.Lookup(InodeNumber.Root, name.Utf8(), out InodeAttributes found) != Errno.None)
                    continue;
                Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, name.Utf8()));
                _fileSystem.Forget(found.Inode, 3);
            }

            Refill();
            Assert.Equal(0, SharedCount());
            Audit();
            _source = _fileSystem.CreateFile("source");
            _fileSystem.WriteAll(_source, 0, _data);
        }
    }

    // Goal: bytes are copied right wherever ranges begin and end, with holes, parts of chunks, and data not sealed yet.
    // Method: pairs of offsets and lengths around chunk borders, against an array; destination longer, shorter and empty.
    [Theory]
    [InlineData(0)]
    [InlineData(3 * Chunk)]
    [InlineData((30 * Chunk) + 7)]
    public void Any_range_is_copied(int destinationSize)
    {
        Assert.Equal(Errno.None, _fileSystem.Allocate(_source, 4 * Chunk, 2 * Chunk, AllocationMode.PunchHole | AllocationMode.KeepSize, false));
        _data.AsSpan(4 * Chunk, 2 * Chunk).Clear();
        int[] offsets = [0, 1, 5000, Chunk, (2 * Chunk) + 1, 3 * Chunk, 20 * Chunk, (20 * Chunk) + 4096];
        int[] lengths = [1, 4096, Chunk, (3 * Chunk) + 5, _data.Length];
        int number = 0;
        foreach (int from in offsets)
        {
            foreach (int to in offsets)
            {
                int length = Math.Min(lengths[number % lengths.Length], _data.Length - from);
                InodeNumber file = _fileSystem.CreateFile($"{destinationSize} {number++}");
                byte[] old = FileSystemExtensions.RandomBytes(destinationSize, number);
                _fileSystem.WriteAll(file, 0, old);
                byte[] expected = new byte[Math.Max(destinationSize, to + length)];
                old.CopyTo(expected, 0);
                _data.AsSpan(from, length).CopyTo(expected.AsSpan(to));
                Assert.Equal(length, Copy(_source, from, file, to, length));
                Assert.Equal(expected, _fileSystem.ReadAll(file, 0, expected.Length + 1));
            }
        }

        Audit();
    }

    // Goal: a range is copied within a file, and overlapping ranges are refused.
    [Fact]
    public void Ranges_of_one_file()
    {
        Assert.Equal(4 * Chunk, Copy(_source, 0, _source, 10 * Chunk, 4 * Chunk));
        _data.AsSpan(0, 4 * Chunk).CopyTo(_data.AsSpan(10 * Chunk));
        Assert.Equal(_data, _fileSystem.ReadAll(_source, 0, _data.Length + 1));
        Assert.Equal(Errno.EINVAL, _fileSystem.CopyRange(_source, 0, _source, Chunk, Chunk + 1, false, false, out _));
        Assert.Equal(Errno.EINVAL, _fileSystem.CopyRange(_source, Chunk, _source, 0, Chunk + 1, false, false, out _));
        Assert.Equal(0, Copy(_source, _data.Length, _source, 0, 100));
        Audit();
    }

    // Goal: what the kernel has not written back yet of a longer source is zeros, not the end.
    [Fact]
    public void A_source_that_is_known_to_be_longer_goes_on_with_zeros()
    {
        InodeNumber file = _fileSystem.CreateFile("file");
        Assert.Equal(Errno.None, _fileSystem.CopyRange(_source, 0, file, 0, _data.Length + 100_000, isWithinSource: true, false, out long copied));
        Assert.Equal(_data.Length + 100_000, copied);
        Assert.Equal([.. _data, .. new byte[100_000]], _fileSystem.ReadAll(file, 0, _data.Length + 200_000));
        Audit();
    }

    // Goal: a copy into a file leaves its times new and, if told so, its set-id bits cleared; errors are those of copy_file_range(2).
    [Fact]
    public void Attributes_and_errors()
    {
        InodeNumber file = _fileSystem.CreateFile("file");
        InodeNumber directory = _fileSystem.CreateDirectory("directory");
        Assert.Equal(Errno.None, _fileSystem.SetAttributes(file, new AttributeChange { Fields = AttributeChanges.Mode | AttributeChanges.ModifyTime, Mode = 0xDED }, out _));
        Assert.Equal(Errno.None, _fileSystem.CopyRange(_source, 0, file, 0, _data.Length, false, clearSetIds: true, out _));
        Assert.Equal(0x1EDu, _fileSystem.Stat(file).Mode & ModeBits.PermissionMask);
        Assert.NotEqual(0, _fileSystem.Stat(file).ModifyTime.Seconds);
        Assert.Equal(Errno.EISDIR, _fileSystem.CopyRange(directory, 0, file, 0, 1, false, false, out _));
        Assert.Equal(Errno.EISDIR, _fileSystem.CopyRange(_source, 0, directory, 0, 1, false, false, out _));
        Assert.Equal(Errno.ENOENT, _fileSystem.CopyRange(new InodeNumber(999), 0, file, 0, 1, false, false, out _));
        Assert.Equal(Errno.EFBIG, _fileSystem.CopyRange(_source, 0, file, VaultFileSystem.MaxFileSize, 1, false, false, out _));
        Assert.Equal(Errno.EINVAL, _fileSystem.CopyRange(_source, -1, file, 0, 1, false, false, out _));
    }

    // Goal: two threads that copy between the same two files in both directions do not wait for each other for ever, beside commits,
    // writers and deletions, and every count is right in the end.
    [Fact]
    public void Copies_in_all_directions_at_once()
    {
        InodeNumber[] files = [.. Enumerable.Range(0, 6).Select(i => Clone($"file {i}"))];
        ConcurrentQueue<Exception> failures = [];
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(n => new Thread(() => Work(new Random(n), files, failures)) { IsBackground = true })];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            Assert.True(thread.Join(TimeSpan.FromMinutes(1)), "Threads wait for each other.");
        Assert.Empty(failures);
        Audit();
        Assert.False(_fileSystem.IsReadOnly);
    }

    private void Work(Random random, InodeNumber[] files, ConcurrentQueue<Exception> failures)
    {
        try
        {
            for (int i = 0; i < 150 && failures.IsEmpty; i++)
                WorkStep(random, files, i);
        }
#pragma warning disable CA1031 // Whatever went wrong in a thread is the test's failure.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failures.Enqueue(e);
        }
    }

    private void WorkStep(Random random, InodeNumber[] files, int i)
    {
        InodeNumber from = files[random.Next(files.Length)];
        InodeNumber to = files[random.Next(files.Length)];
        long offset = random.Next(16) * Chunk;
        switch (random.Next(6))
        {
            case 0:
                _fileSystem.WriteAll(to, offset + random.Next(Chunk), _data.AsSpan(0, random.Next(2 * Chunk)));
                break;
            case 1:
                Assert.Equal(Errno.None, _fileSystem.Allocate(to, offset, Chunk + random.Next(Chunk), AllocationMode.PunchHole | AllocationMode.KeepSize, false));
                break;
            case 2 when i % 10 == 0:
                _fileSystem.SetSize(to, offset);
                break;
            case 3 when i % 10 == 0:
                _fileSystem.CommitAll();
                break;
            default:
                Errno outcome = _fileSystem.CopyRange(from, offset, to, random.Next(16) * Chunk, random.Next(8) * Chunk, false, false, out _);
                Assert.True(outcome is Errno.None or Errno.EINVAL);
                break;
        }
    }

    private void Change(string what, InodeNumber file, string name)
    {
        byte[] other = FileSystemExtensions.RandomBytes(Chunk, 5);
        switch (what)
        {
            case "overwrite a chunk":
                _fileSystem.WriteAll(file, 2 * Chunk, other);
                break;
            case "overwrite a part":
                _fileSystem.WriteAll(file, 100, other.AsSpan(0, 5000));
                _fileSystem.WriteAll(file, _data.Length - 100, other);
                break;
            case "truncate":
                _fileSystem.SetSize(file, 0);
                break;
            case "truncate in a chunk":
                _fileSystem.SetSize(file, (7 * Chunk) + 5);
                break;
            case "punch":
                Assert.Equal(Errno.None, _fileSystem.Allocate(file, Chunk, 5 * Chunk, AllocationMode.PunchHole | AllocationMode.KeepSize, false));
                break;
            case "punch parts":
                Assert.Equal(Errno.None, _fileSystem.Allocate(file, 100, (3 * Chunk) + 200, AllocationMode.PunchHole | AllocationMode.KeepSize, false));
                break;
            case "zero":
                Assert.Equal(Errno.None, _fileSystem.Allocate(file, 0, _data.Length + Chunk, AllocationMode.ZeroRange, false));
                break;
            case "copy over it":
                Copy(file, 10 * Chunk, file, 0, 5 * Chunk);
                break;
            default:
                Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, name.Utf8()));
                _fileSystem.Forget(file, 1);
                break;
        }
    }

    private InodeNumber Clone(string name)
    {
        InodeNumber clone = _fileSystem.CreateFile(name);
        Assert.Equal(_data.Length, Copy(_source, 0, clone, 0, _data.Length));
        return clone;
    }

    private long Copy(InodeNumber source, long from, InodeNumber destination, long to, long length)
    {
        Assert.Equal(Errno.None, _fileSystem.CopyRange(source, from, destination, to, length, isWithinSource: false, clearSetIds: false, out long copied));
        return copied;
    }

    // Takes what is free by now.
    private void Refill()
    {
        _fileSystem.CommitAll();
        _fileSystem.WriteAll(_fileSystem.CreateFile("filler"), 0, FileSystemExtensions.RandomBytes(40 * Chunk, 9));
        _fileSystem.CommitAll();
        Assert.Equal(Errno.None, _fileSystem.Lookup(InodeNumber.Root, "filler"u8, out InodeAttributes filler));
        Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, "filler"u8));
        _fileSystem.Forget(filler.Inode, 2);
        _fileSystem.CommitAll();
    }

    private long UsedBlocks()
    {
        FileSystemStatistics statistics = _fileSystem.GetStatistics();
        return statistics.TotalBlocks - statistics.FreeBlocks;
    }

    private int SharedCount()
    {
        Volume volume = PrivateState.Field<Volume>(_fileSystem, "_volume");
        int count = 0;
        TreeScan scan = volume.Tree.Scan(new TreeKey(TableId.SharedChunks, 0));
        while (scan.MoveNext(new TreeKey(TableId.SharedChunks + 1, 0)))
            count++;
        return count;
    }

    private void Audit()
    {
        _fileSystem.CommitAll();
        VaultAudit.Check(_medium.Snapshot(), _master);
    }
}
