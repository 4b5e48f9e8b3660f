using Vault.Crypto;
using Vault.Storage;

namespace Vault.Benchmarks;

/// <summary>A vault on a medium in memory, made without a key slot's cost. Commits only when asked to.</summary>
internal sealed class StorageVault : IDisposable
{
    private readonly MasterKey _master = MasterKey.Generate(RandomSource.System);

    public StorageVault(int chunkSizeBytes, int capacityBytes)
    {
        Medium = new StorageMedium(capacityBytes);
        HeaderOptions options = new(chunkSizeBytes, CipherSuite.Aes256Gcm, new Argon2Parameters(Argon2Parameters.LeastMemoryKib, 1, 1));
        using Credential credential = Credential.FromPassphrase("benchmark"u8);
        VaultContainer.CreateWithKey(Medium, options, _master, credential, 0, 0, RandomSource.System, Clock.System);
        FileSystem = VaultContainer.Open(Medium, _master, new VaultOpenOptions { CommitInterval = TimeSpan.FromHours(1) }, out _);
    }

    public StorageMedium Medium { get; }

    public VaultFileSystem FileSystem { get; }

    /// <summary>Makes a file or directory in the root.</summary>
    public InodeNumber Create(string name, uint type)
    {
        Check(FileSystem.CreateNode(InodeNumber.Root, System.Text.Encoding.UTF8.GetBytes(name), type | 0x1A4, 0, 0, 0, out InodeAttributes attributes));
        return attributes.Inode;
    }

    /// <summary>Makes a file of random bytes, committed.</summary>
    public InodeNumber CreateFilled(string name, long sizeBytes)
    {
        InodeNumber file = Create(name, ModeBits.RegularFile);
        byte[] piece = new byte[1 << 20];
        RandomSource.System.Fill(piece);
        for (long offset = 0; offset < sizeBytes; offset += piece.Length)
            Check(FileSystem.Write(file, offset, piece, updateTimes: false, clearSetIds: false));
        Check(FileSystem.Sync());
        return file;
    }

    /// <summary>A benchmark that measures failures measures nothing.</summary>
    public static void Check(Errno outcome)
    {
        if (outcome != Errno.None)
            throw new InvalidOperationException($"The file system answered {outcome}.");
    }

    public void Dispose()
    {
        FileSystem.Dispose();
        _master.Dispose();
    }
}
