using BenchmarkDotNet.Attributes;
using Vault.Crypto;

namespace Vault.Benchmarks;

/// <summary>What do the small parts cost that a request meets beside the cipher? Each should stay below 1.5 us.</summary>
[MemoryDiagnoser]
public class CodecPartsBenchmarks
{
    private readonly byte[] _name = "a-file-name-of-usual-length.txt"u8.ToArray();
    private readonly byte[] _longName = new byte[255];
    private MasterKey _master = null!;
    private VaultCipher _cipher = null!;

    [GlobalSetup]
    public void Setup()
    {
        _master = MasterKey.Generate(RandomSource.System);
        _cipher = new VaultCipher(_master, new VaultId(1), CipherSuite.Aes256Gcm);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _cipher.Dispose();
        _master.Dispose();
    }

    [Benchmark]
    public ulong HashName() => _cipher.HashName(_name);

    [Benchmark]
    public ulong HashLongestName() => _cipher.HashName(_longName);

    /// <summary>Clearing included.</summary>
    [Benchmark]
    public void RentAndReturn4Kib() => PinnedBufferPool.Shared.Return(PinnedBufferPool.Shared.Rent(4096));

    /// <summary>Clearing included.</summary>
    [Benchmark]
    public void RentAndReturn32Kib() => PinnedBufferPool.Shared.Return(PinnedBufferPool.Shared.Rent(32 * 1024));
}
