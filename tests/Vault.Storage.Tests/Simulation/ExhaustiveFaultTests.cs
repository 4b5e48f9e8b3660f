namespace Vault.Storage.Tests.Simulation;

public sealed class ExhaustiveFaultTests
{
    // Goal: one failure of the host, wherever it hits, loses nothing that was promised: after a failed write or flush the
    // vault says that it is read-only, and what is recovered is at least as new as the last good flush; refused space is
    // ENOSPC for the application and nothing else; a process that dies leaves what it had written.
    // Method: a small workload once for each operation of the medium, which is the one that fails.
    [Theory]
    [InlineData(OperationKind.FailOperation, 11)]
    [InlineData(OperationKind.RefuseOperation, 12)]
    [InlineData(OperationKind.Kill, 13)]
    [InlineData(OperationKind.LosePower, 14)]
    [InlineData(OperationKind.FailRead, 15)]
    internal void One_failure_anywhere_loses_nothing_promised(OperationKind failure, int seed)
    {
        SimulationCase whole = WorkloadGenerator.Small(seed) with { PageCacheBytes = 1 << 17 };
        SimulationStatistics statistics = new();
        SimulationStatistics last;
        int number = 0;
        do
        {
            last = new SimulationStatistics();
            Operation fault = new(failure, Length: ++number, Argument: (uint)Survival.RandomTornSectors);
            Run(whole with { Seed = (seed * 1000) + number, Operations = [fault, .. whole.Operations] }, last);
            statistics.Add(last);
        }
        while (last.Faults > 0);
        Assert.InRange(number, 10, 1000);
        Console.WriteLine($"{failure} everywhere, seed {seed}: {statistics}.");
    }

    // Goal: a host that is full to the last byte costs nothing that was promised: the application gets ENOSPC, and only for
    // what needs space; deleting works and makes room.
    // Method: a small workload with files that need space; the host fills up before each operation in turn; then a power loss.
    [Fact]
    public void A_host_that_fills_up_anywhere_loses_nothing_promised()
    {
        SimulationCase whole = WorkloadGenerator.Filling(21);
        SimulationStatistics statistics = new();
        Operation[] end = [new(OperationKind.LosePower, Argument: (uint)Survival.RandomSectors), new(OperationKind.Check), new(OperationKind.Empty), new(OperationKind.LosePower)];
        for (int i = 0; i < whole.Operations.Count; i++)
        {
            Operation fill = new(OperationKind.FillHost, Length: i % 5);
            Run(whole with { Seed = i, Operations = [.. whole.Operations.Take(i), fill, .. whole.Operations.Skip(i), .. end] }, statistics);
        }

        Console.WriteLine($"Full host everywhere: {statistics}.");
    }

    private static void Run(SimulationCase @case, SimulationStatistics statistics)
    {
        try
        {
            @case.Run(statistics);
        }
        catch (SimulationException e)
        {
            throw Simulator.Shrunk(@case, e);
        }
    }
}
