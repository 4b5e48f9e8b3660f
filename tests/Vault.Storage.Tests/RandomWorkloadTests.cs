using Vault.Storage.Tests.Simulation;

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
    public void A_vault_behaves_as_the_model(int seed, int chunkSize, int maxFileBytes) =>
        WorkloadGenerator.Calm(seed, chunkSize, maxFileBytes, 3000).Run();
}
