using Vault.Crypto;
using Vault.Storage.Tests.Simulation;

namespace Vault.Storage.Tests;

public sealed class CrashTests
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
        SimulationStatistics statistics = CrashEverywhere(WorkloadGenerator.Small(seed), goOnEvery: 16);
        Console.WriteLine($"Exhaustive, seed {seed}: {statistics}.");
    }

    /// <summary>Executes a workload, and recovers from a crash before each operation of its medium, with each pattern of survival.</summary>
    internal static SimulationStatistics CrashEverywhere(SimulationCase workload, int goOnEvery)
    {
        SimulationStatistics statistics = new();
        List<(CrashPoint Crash, IReadOnlyList<ModelFileSystem> Allowed)> crashes = [];
        using SimulationRun run = new(workload, statistics)
        {
            OnOpened = (medium, history) => medium.BeforeOperation = () => crashes.Add((medium.TakeCrashPoint(), history.Allowed())),
        };
        run.Execute();
        for (int i = 0; i < crashes.Count; i++)
        {
            foreach (Survival survival in Enum.GetValues<Survival>())
            {
                statistics.AddCrash();
                CheckImage(crashes[i].Crash.Image(survival, i), run.Vault, crashes[i].Allowed, goOn: i % goOnEvery == 0, $"seed {workload.Seed}, operation {i}, {survival}");
            }
        }

        run.CheckNonces();
        statistics.AddReplayed(run.Vault.ReplayedAppends);
        return statistics;
    }

    // Goal: what changes while a commit is being written belongs to the next one: the commit makes exactly the state durable
    // that it froze, and until then the image holds the one before. What is synced meanwhile is durable at once, whether the commit
    // ends or not.
    // Method: at some write of each commit another thread goes on with the workload, and syncs or not; the image is looked at there, and
    // after the commit. Some of the commits are refused a write first and tried again.
    [Theory]
    [InlineData(21, false)]
    [InlineData(22, false)]
    [InlineData(23, true)]
    [InlineData(24, true)]
    public void Work_during_a_commit_is_not_part_of_it(int seed, bool syncs)
    {
        MemoryMedium medium = TestVault.Create(out MasterKey master, chunkSize: 8192);
        RandomWorkload workload = new(seed, 120_000);
        Random random = new(seed);
        using VaultFileSystem fileSystem = TestVault.Open(medium, master, options: TestVault.Quiet with { PageCacheBytes = 1 << 20 });
        for (int i = 0; i < 300; i++)
            fileSystem.CreateFile($"many{i}");
        foreach ((string name, InodeAttributes attributes) in FileSystemDump.List(fileSystem, InodeNumber.Root).Where(e => e.Name.StartsWith("many", StringComparison.Ordinal)))
            workload.Model.Root.Children![name] = new() { Mode = attributes.Mode };
        string durable = new ModelFileSystem().Dump();
        int frozenCount = 0;
        int appendCount = 0;
        for (int i = 0; i < 25; i++)
        {
            workload.Run(fileSystem, 15);
            string frozen = workload.Model.Dump();
            ulong before = fileSystem.DurableGeneration;
            int countdown = random.Next(1, 12);
            bool isRefused = i % 3 == 0;
            medium.BeforeWrite = _ =>
            {
                // The data of the state to be frozen is written first: with changes from then on.
                if (--countdown > 0 || !IsFrozen(fileSystem, before))
                    return;
                medium.BeforeWrite = null;
                Exception? wrong = null;
                Thread worker = new(() => wrong = Record.Exception(() => Meanwhile()));
                worker.Start();
                worker.Join();
                Assert.Null(wrong);
                if (isRefused)
                    throw new VaultException(VaultFailure.NoSpace, "Simulated full host.");
            };
            void Meanwhile()
            {
                frozenCount++;
                workload.Run(fileSystem, syncs ? 3 : 25);
                if (syncs)
                {
                    int flushes = medium.FlushCount;
                    bool isAppend = !PrivateState.Field<LogChanges>(PrivateState.Field<IntentLog>(fileSystem, "_log"), "_changes").IsOverfull && before > 8;
                    if (isAppend)
                    {
                        fileSystem.SyncAll();
                        durable = frozen = workload.Model.Dump();
                        appendCount += medium.FlushCount - flushes;
                    }
                }

                AssertState(medium, master, durable);
            }

            if (fileSystem.Commit() != Errno.None)
            {
                Assert.True(isRefused);
                if (syncs)
                    AssertState(medium, master, durable);
                workload.Run(fileSystem, 10);
                frozen = workload.Model.Dump(); // the pending commit, and one of what came since
                Assert.Equal(Errno.None, fileSystem.Commit());
            }

            medium.BeforeWrite = null;
            AssertState(medium, master, frozen);
            durable = frozen;
        }

        Assert.InRange(frozenCount, 15, 25);
        if (syncs)
            Assert.InRange(appendCount, 10, 25);
    }

    private static bool IsFrozen(VaultFileSystem fileSystem, ulong durable) => PrivateState.Field<Volume>(fileSystem, "_volume").LiveGeneration > durable + 1;

    private static void AssertState(MemoryMedium medium, MasterKey master, string expected)
    {
        byte[] image = medium.Snapshot();
        VaultAudit.Check(image, master);
        using VaultFileSystem copy = TestVault.Open(new MemoryMedium(image), master, readOnly: true);
        Assert.Equal(expected, FileSystemDump.Of(copy));
    }

    private static void CheckImage(SparseImage image, SimulatedVault vault, IReadOnlyList<ModelFileSystem> allowed, bool goOn, string where)
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
