using BenchmarkDotNet.Attributes;
using Vault.Storage;

namespace Vault.Benchmarks;

/// <summary>
/// What does a commit cost on top of sealing what it writes? 100 changes of inodes all over a vault of 20,000 small
/// files, then the commit; no medium that has to be waited for.
/// </summary>
[MemoryDiagnoser]
public class StorageCommitBenchmarks
{
    private const int FileCount = 20_000;
    private const int ChangeCount = 100;

    private readonly Random _random = new(1);
    private readonly byte[] _content = new byte[500];
    private readonly InodeNumber[] _files = new InodeNumber[FileCount];
    private StorageVault _vault = null!;
    private StorageRawCipher _raw = null!;
    private long _bytesOfCommit;

    [GlobalSetup]
    public void Setup()
    {
        _vault = new StorageVault(32 * 1024, 512 << 20);
        _raw = new StorageRawCipher(16 * 1024);
        for (int i = 0; i < FileCount; i++)
        {
            _files[i] = _vault.Create($"file {i}", ModeBits.RegularFile);
            StorageVault.Check(_vault.FileSystem.Write(_files[i], 0, _content, updateTimes: true, clearSetIds: false));
        }

        StorageVault.Check(_vault.FileSystem.Sync());
        long before = _vault.Medium.BytesWritten;
        CommitOf100Changes();
        _bytesOfCommit = _vault.Medium.BytesWritten - before;
        Console.WriteLine($"// A commit of {ChangeCount} changes writes {_bytesOfCommit} bytes.");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _vault.Dispose();
        _raw.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void RawSealOfSameBytes() => _raw.Seal(_bytesOfCommit);

    [Benchmark]
    public void CommitOf100Changes()
    {
        for (int i = 0; i < ChangeCount; i++)
        {
            AttributeChange change = new() { Fields = AttributeChanges.Mode, Mode = (uint)_random.Next(0x1FF) };
            StorageVault.Check(_vault.FileSystem.SetAttributes(_files[_random.Next(FileCount)], change, out _));
        }

        StorageVault.Check(_vault.FileSystem.Sync());
    }
}
