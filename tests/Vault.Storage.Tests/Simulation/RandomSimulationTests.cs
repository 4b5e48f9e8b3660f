namespace Vault.Storage.Tests.Simulation;

public sealed class RandomSimulationTests
{
    // Goal: whatever is done to a vault in whatever order, and whatever befalls its host, nothing that was promised is lost, and
    // nothing is there that never was.
    // Method: long seeded workloads over the simulated medium: power losses, kills, errors, failed flushes, full hosts; each time
    // recovery, checked against the model, and on from there. tests/simulate.sh does more of it.
    [Fact]
    public void Random_workloads_survive_whatever_befalls_them() => new Simulator(SimulationSettings.FromEnvironment(), WorkloadGenerator.Long).Run();
}
