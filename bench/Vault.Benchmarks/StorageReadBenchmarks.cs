using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Vault.Storage;

namespace Vault.Benchmarks;

/// <summary>What does a read cost on top of opening the chunks that it touches? Read the Ratio column of each category.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class StorageReadBenchmarks
{
    private const int FileSizeBytes = 64 << 20;
    private const int SequentialBytes = 128 * 1024;
    private const int RandomBytes = 4096;

    private readonly byte[] _buffer = GC.AllocateArray<byte>(SequentialBytes, pinned: true);
    private readonly Random _random = new(1);
    private StorageVault _vault = null!;
    private StorageRawCipher _raw = null!;
    private InodeNumber _file;
    private long _offset;

    [Params(4 * 1024, 16 * 1024, 32 * 1024, 64 * 1024, 128 * 1024)]
    public int ChunkSizeBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _vault = new StorageVault(ChunkSizeBytes, 2 * FileSizeBytes);
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
    [BenchmarkCategory("Sequential 128 KiB")]
    public void RawOpen128Kib() => _raw.Open(SequentialBytes);

    [Benchmark]
    [BenchmarkCategory("Sequential 128 KiB")]
    public int Read128Kib()
    {
        StorageVault.Check(_vault.FileSystem.Read(_file, _offset, _buffer, out int count));
        _offset = (_offset + SequentialBytes) % FileSizeBytes;
        return count;
    }

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Random 4 KiB")]
    public void RawOpenOneChunk() => _raw.Open(ChunkSizeBytes);

    [Benchmark]
    [BenchmarkCategory("Random 4 KiB")]
    public int Read4Kib()
    {
        long offset = (long)_random.Next(FileSizeBytes / RandomBytes) * RandomBytes;
        StorageVault.Check(_vault.FileSystem.Read(_file, offset, _buffer.AsSpan(0, RandomBytes), out int count));
        return count;
    }
}
