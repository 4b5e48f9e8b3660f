using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Vault.Crypto;

namespace Vault.Benchmarks;

/// <summary>What does a sealed unit cost on top of the cipher itself? Read the Ratio column of each category.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class CodecBenchmarks
{
    private readonly byte[] _nonce = new byte[12];
    private readonly byte[] _tag = new byte[16];
    private readonly byte[] _associatedData = new byte[17];
    private MasterKey _master = null!;
    private VaultCipher _cipher = null!;
    private SealingSession _session = null!;
    private AesGcm? _aes;
    private ChaCha20Poly1305? _chaCha;
    private byte[] _plaintext = [];
    private byte[] _sealed = [];
    private byte[] _opened = [];
    private byte[] _sealedUnit = [];
    private SealStamp _stamp;
    private byte[] _rawSealed = [];
    private byte[] _rawTag = [];

    [Params(4 * 1024, 16 * 1024, 32 * 1024, 64 * 1024, 128 * 1024)]
    public int ChunkSizeBytes { get; set; }

    [Params(CipherSuite.Aes256Gcm, CipherSuite.ChaCha20Poly1305)]
    public CipherSuite Suite { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _master = MasterKey.Generate(RandomSource.System);
        _cipher = new VaultCipher(_master, new VaultId(1), Suite);
        _session = new SealingSession(_cipher, RandomSource.System);
        byte[] key = RandomNumberGenerator.GetBytes(32);
        if (Suite == CipherSuite.Aes256Gcm)
            _aes = new AesGcm(key, 16);
        else
            _chaCha = new ChaCha20Poly1305(key);

        _plaintext = PinnedBufferPool.Shared.Rent(ChunkSizeBytes);
        _sealed = PinnedBufferPool.Shared.Rent(ChunkSizeBytes);
        _opened = PinnedBufferPool.Shared.Rent(ChunkSizeBytes);
        _rawSealed = PinnedBufferPool.Shared.Rent(ChunkSizeBytes);
        RandomNumberGenerator.Fill(_plaintext);
        _sealedUnit = PinnedBufferPool.Shared.Rent(ChunkSizeBytes);
        _stamp = _session.Seal(SealKind.Chunk, _plaintext, _sealedUnit);
        RawSeal();
        _sealed.CopyTo(_rawSealed, 0);
        _rawTag = [.. _tag];
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _session.Dispose();
        _cipher.Dispose();
        _master.Dispose();
        _aes?.Dispose();
        _chaCha?.Dispose();
    }

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Seal")]
    public void RawSeal()
    {
        if (_aes is not null)
            _aes.Encrypt(_nonce, _plaintext, _sealed, _tag, _associatedData);
        else
            _chaCha!.Encrypt(_nonce, _plaintext, _sealed, _tag, _associatedData);
    }

    [Benchmark]
    [BenchmarkCategory("Seal")]
    public SealStamp Seal() => _session.Seal(SealKind.Chunk, _plaintext, _sealed);

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Open")]
    public void RawOpen()
    {
        if (_aes is not null)
            _aes.Decrypt(_nonce, _rawSealed, _rawTag, _opened, _associatedData);
        else
            _chaCha!.Decrypt(_nonce, _rawSealed, _rawTag, _opened, _associatedData);
    }

    [Benchmark]
    [BenchmarkCategory("Open")]
    public bool TryOpen() => _cipher.TryOpen(SealKind.Chunk, _stamp, _sealedUnit, _opened);
}
