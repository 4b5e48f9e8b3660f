namespace Vault.Storage.Tests.Simulation;

public sealed class ExhaustiveCrashTests
{
    // Goal: a power loss at any instant leaves a vault that opens in a state between the last durable one and the last
    // that was tried, with every block of the newest two states whole and accounted for, and that can be worked on.
    // Method: small workloads; before each operation of the medium what could be lost is remembered; then each of these
    // crashes with each pattern of survival. Exhaustive over operations and patterns.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_crash_of_a_small_workload_is_recovered_from(int seed)
    {
        SimulationStatistics statistics = new();
        List<(CrashPoint Crash, IReadOnlyList<ModelFileSystem> Allowed)> crashes = [];
        using SimulationRun run = new(WorkloadGenerator.Small(seed), statistics)
        {
            OnOpened = (medium, history) => medium.BeforeOperation = () => crashes.Add((medium.TakeCrashPoint(), history.Allowed())),
        };
        run.Execute();
        for (int i = 0; i < crashes.Count; i++)
        {
            foreach (Survival survival in Enum.GetValues<Survival>())
            {
                statistics.AddCrash();
                Check(crashes[i].Crash.Image(survival, i), run.Vault, crashes[i].Allowed, goOn: i % 16 == 0, $"seed {seed}, operation {i}, {survival}");
            }
        }

        run.CheckNonces();
        Console.WriteLine($"Exhaustive, seed {seed}: {statistics}.");
    }

    private static void Check(SparseImage image, SimulatedVault vault, IReadOnlyList<ModelFileSystem> allowed, bool goOn, string where)
    {
        try
        {
            Recovery.Check(image, vault, allowed);
            if (goOn)
                Recovery.GoOn(image, vault);
        }
        catch (Exception e)
        {
            throw new SimulationException($"The image of {where} does not hold: {e.Message}", e);
        }
    }
}
