using BenchmarkDotNet.Attributes;
using Vault.Storage;

namespace Vault.Benchmarks;

/// <summary>What does an overwrite cost on top of sealing its chunks? The commit that makes it durable is not part of it.</summary>
[MemoryDiagnoser]
public class StorageWriteBenchmarks
{
    private const int FileSizeBytes = 64 << 20;
    private const int WriteBytes = 1 << 20;

    private readonly byte[] _buffer = GC.AllocateArray<byte>(WriteBytes, pinned: true);
    private StorageVault _vault = null!;
    private StorageRawCipher _raw = null!;
    private InodeNumber _file;
    private long _offset;

    [Params(4 * 1024, 16 * 1024, 32 * 1024, 64 * 1024, 128 * 1024)]
    public int ChunkSizeBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _vault = new StorageVault(ChunkSizeBytes, 4 * FileSizeBytes);
        _raw = new StorageRawCipher(ChunkSizeBytes);
        _file = _vault.CreateFilled("file", FileSizeBytes);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _vault.Dispose();
        _raw.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void RawSeal1Mib() => _raw.Seal(WriteBytes);

    [Benchmark]
    public void Write1Mib()
    {
        StorageVault.Check(_vault.FileSystem.Write(_file, _offset, _buffer, updateTimes: true, clearSetIds: false));
        _offset = (_offset + WriteBytes) % FileSizeBytes;
    }
}
