using System.Text;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Vault.Crypto;
using Vault.Storage;

namespace Vault.Benchmarks;

/// <summary>What do a lookup and the creation of a small file cost on top of the cryptography that they cannot do without?</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class StorageNameBenchmarks
{
    private const int FileCount = 10_000;
    private const int ContentBytes = 4096;

    private readonly byte[][] _names = [.. Enumerable.Range(0, FileCount).Select(i => Encoding.UTF8.GetBytes($"a-file-name-of-usual-length-{i}.txt"))];
    private readonly byte[] _content = GC.AllocateArray<byte>(ContentBytes, pinned: true);
    private readonly Random _random = new(1);
    private MasterKey _master = null!;
    private VaultCipher _cipher = null!;
    private StorageVault _vault = null!;
    private StorageRawCipher _raw = null!;
    private InodeNumber _directory;
    private int _next;

    [GlobalSetup]
    public void Setup()
    {
        _master = MasterKey.Generate(RandomSource.System);
        _cipher = new VaultCipher(_master, new VaultId(1), CipherSuite.Aes256Gcm);
        _vault = new StorageVault(32 * 1024, 1 << 30);
        _raw = new StorageRawCipher(ContentBytes);
        _directory = _vault.Create("directory", ModeBits.Directory);
        for (int i = 0; i < FileCount; i++)
            CreateFile(i);
        StorageVault.Check(_vault.FileSystem.Sync());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _vault.Dispose();
        _raw.Dispose();
        _cipher.Dispose();
        _master.Dispose();
    }

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Lookup")]
    public ulong HashName() => _cipher.HashName(_names[_random.Next(FileCount)]);

    [Benchmark]
    [BenchmarkCategory("Lookup")]
    public void LookupAndForget()
    {
        StorageVault.Check(_vault.FileSystem.Lookup(_directory, _names[_random.Next(FileCount)], out InodeAttributes attributes));
        _vault.FileSystem.Forget(attributes.Inode, 1);
    }

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Create 4 KiB")]
    public void RawSeal4Kib() => _raw.Seal(ContentBytes);

    /// <summary>Unlinks the file of that name first, so that the directory keeps its size. With the commits that the memory bound enforces.</summary>
    [Benchmark]
    [BenchmarkCategory("Create 4 KiB")]
    public void UnlinkAndCreate4KibFile()
    {
        int i = _next++ % FileCount;
        StorageVault.Check(_vault.FileSystem.Unlink(_directory, _names[i]));
        CreateFile(i);
    }

    private void CreateFile(int i)
    {
        VaultFileSystem fileSystem = _vault.FileSystem;
        StorageVault.Check(fileSystem.CreateNode(_directory, _names[i], ModeBits.RegularFile | 0x1A4, 0, 0, 0, out InodeAttributes file));
        StorageVault.Check(fileSystem.Write(file.Inode, 0, _content, updateTimes: true, clearSetIds: false));
        fileSystem.Forget(file.Inode, 1);
    }
}
