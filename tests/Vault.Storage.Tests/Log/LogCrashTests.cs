using Vault.Storage.Tests.Simulation;

namespace Vault.Storage.Tests;

public sealed class LogCrashTests
{
    // Goal: a power loss at any instant of a workload that syncs each operation leaves a state between the last sync and the
    // last operation.
    // Method: before each operation of the medium what could be lost is remembered, then each of these crashes with each
    // pattern of survival. The log goes on in another segment every few appends, commits come in between. Exhaustive.
    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    public void Every_crash_between_syncs_is_recovered_from(int seed)
    {
        SimulationStatistics statistics = CrashTests.CrashEverywhere(WorkloadGenerator.Syncing(seed), goOnEvery: 16);
        Assert.InRange(statistics.ReplayedAppends, 500, long.MaxValue);
        Console.WriteLine($"Exhaustive, seed {seed}: {statistics}.");
    }
}
