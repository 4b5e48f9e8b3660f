using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class RandomWorkloadTests
{
    // Goal: the file system does what POSIX says, whatever it is asked in whatever order, through commits and unlocks.
    // Method: seeded random operations on a vault and on a plain model; outcome by outcome, then content by content;
    // after each unlock every block is accounted for. A small page cache makes pages go and come back.
    [Theory]
    [InlineData(1, 4096, 40_000)]
    [InlineData(2, 32 * 1024, 300_000)]
    [InlineData(3, 32 * 1024, 3_000_000)]
    [InlineData(4, 128 * 1024, 1_000_000)]
    public void A_vault_behaves_as_the_model(int seed, int chunkSize, int maxFileBytes)
    {
        MemoryMedium medium = TestVault.Create(out MasterKey master, chunkSize);
        RandomWorkload workload = new(seed, maxFileBytes);
        VaultOpenOptions options = TestVault.Quiet with { PageCacheBytes = 1 << 20, DirtyDataBytes = 1 << 20 };
        for (int session = 0; session < 6; session++)
        {
            using VaultFileSystem fileSystem = TestVault.Open(medium, master, options: options);
            Assert.Equal(workload.Model.Dump(), FileSystemDump.Of(fileSystem));
            for (int commit = 0; commit < 4; commit++)
            {
                workload.Run(fileSystem, 150);
                Assert.Equal(Errno.None, fileSystem.Sync());
                if (commit == session % 4)
                    VaultAudit.Check(medium.Snapshot(), master);
            }

            workload.Run(fileSystem, 100);
            Assert.Equal(workload.Model.Dump(), FileSystemDump.Of(fileSystem));
            fileSystem.Close();
            VaultAudit.Check(medium.Snapshot(), master);
        }
    }
}
