namespace Vault.Storage.Tests.Simulation;

public sealed class SpaceCrashTests
{
    // Goal: giving space back never takes what a state needs that may still be opened: not while it is done, not when any
    // of it is undone by a power loss, not when the space is used again.
    // Method: files come and go, the timer's work is done between, the vault is locked and unlocked; the power goes at
    // every seventh operation of the medium and after every one that gives space back, with the patterns of survival by turns.
    // What was trimmed or cut reads as anything. RandomSimulationTests do the same with random workloads.
    [Theory]
    [InlineData(8192)]
    [InlineData(128 * 1024)]
    public void Every_crash_while_space_is_given_back_is_recovered_from(int chunkSize)
    {
        List<(CrashPoint Crash, IReadOnlyList<ModelFileSystem> Allowed)> crashes = [];
        int calls = 0;
        int givenBack = 0;
        SimulatedMedium medium = null!;
        using SimulationRun run = new(new SimulationCase(1, chunkSize, 1 << 20, 1 << 20, Workload()), new SimulationStatistics())
        {
            OnOpened = (opened, history) =>
            {
                medium = opened;
                opened.BeforeOperation = () =>
                {
                    if (++calls % 7 == 0 || opened.TrimCount + opened.CutCount != givenBack)
                        crashes.Add((opened.TakeCrashPoint(), history.Allowed()));
                    givenBack = opened.TrimCount + opened.CutCount;
                };
            },
        };
        run.Execute();
        Assert.InRange(medium.TrimCount, 10, int.MaxValue);
        Assert.InRange(medium.CutCount, 3, int.MaxValue);
        for (int i = 0; i < crashes.Count; i++)
        {
            Survival survival = (Survival)(i % (int)(Survival.AllButSuperblocks + 1));
            Check(crashes[i].Crash.Image(survival, i), run.Vault, crashes[i].Allowed, goOn: i % 4 == 0, $"operation {i}, {survival}");
        }

        Console.WriteLine($"Space: {crashes.Count} crashes, {medium.TrimCount} trims, {medium.CutCount} cuts.");
    }

    private static List<Operation> Workload()
    {
        List<Operation> operations = [];
        for (uint round = 0; round < 4; round++)
        {
            for (uint file = 0; file < 6; file++)
            {
                operations.Add(new(OperationKind.CreateFile, $"f{file}"));
                operations.Add(new(OperationKind.Write, $"f{file}", Length: 400_000, Argument: (round * 10) + file + 1));
                if (file % 3 == 2)
                    operations.Add(new(OperationKind.Sync));
            }

            for (uint file = round % 2; file < 6; file += 2)
                operations.Add(new(OperationKind.Unlink, $"f{file}"));
            operations.Add(new(OperationKind.GiveBack));
            operations.Add(new(OperationKind.Write, "f2", Offset: 100_000, Length: 50_000, Argument: round + 100));
            operations.Add(new(OperationKind.GiveBack));
            operations.Add(new(OperationKind.GiveBack));
            for (uint file = 0; file < 6; file++)
                operations.Add(new(OperationKind.Truncate, $"f{file}", Length: 30_000));
            operations.Add(new(OperationKind.GiveBack));
            operations.Add(new(OperationKind.GiveBack));
            operations.Add(new(round % 2 == 0 ? OperationKind.Lock : OperationKind.Check));
            for (uint file = 0; file < 6; file++)
                operations.Add(new(OperationKind.Unlink, $"f{file}"));
        }

        return operations;
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
