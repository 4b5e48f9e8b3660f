using System.Text;
using Vault.Crypto;
using Vault.Storage;

namespace Vault.Fuse.Tests.Support;

/// <summary>An empty, open vault in a file of its own. Its root belongs to user and group 0.</summary>
internal sealed class TestVault : IDisposable
{
    private const uint LeastArgon2MemoryKib = 64 * 1024;

    private static readonly Lazy<(byte[] Container, byte[] Key)> Template = new(MakeTemplate);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("vaultfs-fuse-");

    public TestVault()
    {
        string path = Path.Combine(_directory.FullName, "vault");
        File.WriteAllBytes(path, Template.Value.Container);
        using MasterKey key = MasterKey.Import(Template.Value.Key);
        FileSystem = VaultContainer.Open(FileMedium.Open(path, readOnly: false), key, new VaultOpenOptions(), out _);
    }

    public VaultFileSystem FileSystem { get; }

    /// <summary>From the next INIT on OPEN is served.</summary>
    public void HaveHadProtectedInode()
    {
        Assert.Equal(Errno.None, FileSystem.SetFlags(InodeNumber.Root, AttributeFlags.AppendOnly));
        Assert.Equal(Errno.None, FileSystem.SetFlags(InodeNumber.Root, AttributeFlags.None));
    }

    public void Dispose()
    {
        FileSystem.Dispose();
        _directory.Delete(recursive: true);
    }

    /// <summary>Made once: deriving a key is slow on purpose.</summary>
    private static (byte[] Container, byte[] Key) MakeTemplate()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("vaultfs-fuse-");
        try
        {
            string path = Path.Combine(directory.FullName, "vault");
            using Credential credential = Credential.FromPassphrase(Encoding.UTF8.GetBytes("a passphrase"));
            var options = new HeaderOptions(32 * 1024, CipherSuite.Aes256Gcm, new Argon2Parameters(LeastArgon2MemoryKib, 1, 1));
            using (FileMedium created = FileMedium.Create(path))
                VaultContainer.Create(created, options, credential, userId: 0, groupId: 0, RandomSource.System, Clock.System);
            using (FileMedium medium = FileMedium.Open(path, readOnly: true))
            {
                UnverifiedHeader header = VaultContainer.ReadHeader(medium).Header!;
                Assert.Equal(UnlockOutcome.Unlocked, header.TryUnlock(credential, out MasterKey? master));
                byte[] key = new byte[MasterKey.SizeBytes];
                using (master)
                    master!.Export(key);
                return (File.ReadAllBytes(path), key);
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
