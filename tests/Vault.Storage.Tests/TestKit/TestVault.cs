using Vault.Crypto;

namespace Vault.Storage.Tests;

/// <summary>A small vault on a medium in memory, made and opened with a known key.</summary>
internal static class TestVault
{
    /// <summary>Writes an empty vault without a key slot's cost: the tests know its master key.</summary>
    public static MemoryMedium Create(out MasterKey master, int chunkSize = 32 * 1024, MemoryMedium? medium = null)
    {
        medium ??= new MemoryMedium();
        master = MasterKey.Generate(RandomSource.System);
        VaultContainer.CreateWithKey(
            medium, new HeaderOptions(chunkSize, CipherSuite.Aes256Gcm, CheapCost), master, Credential.FromPassphrase("test"u8), 0, 0, RandomSource.System, Clock.System);
        return medium;
    }

    public static Argon2Parameters CheapCost => new(64 * 1024, 1, 1);

    public static VaultFileSystem Open(IMedium medium, MasterKey master, bool readOnly = false, VaultOpenOptions? options = null) =>
        VaultContainer.Open(medium, master, (options ?? Quiet) with { ReadOnly = readOnly }, out _);

    /// <summary>No commit but those that are asked for.</summary>
    public static VaultOpenOptions Quiet => new() { CommitInterval = TimeSpan.FromHours(1) };
}
