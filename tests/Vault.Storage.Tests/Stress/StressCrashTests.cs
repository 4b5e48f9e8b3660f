using Vault.Storage.Tests.Simulation;

namespace Vault.Storage.Tests;

public sealed class StressCrashTests
{
    // Goal: what any thread saw synced survives a power loss at any instant, and what survives is the work of one instant.
    // Method: threads change trees of their own and sync, with commits by the timer and deletions in the background between;
    // meanwhile images are taken of what a power loss would leave, checked against the states that each thread went
    // through, audited and gone on from.
    [Fact]
    public void What_threads_saw_synced_survives_a_crash_at_any_instant()
    {
        int seed = StressSettings.Seed;
        using SimulatedVault vault = new(seed, TestVault.Quiet);
        SimulatedMedium medium = new(seed, vault.Create(chunkSize: 8192));
        VaultOpenOptions options = TestVault.Quiet with { PageCacheBytes = 1 << 20, DirtyDataBytes = 256 * 1024, CommitInterval = TimeSpan.FromMilliseconds(3) };
        VaultFileSystem fileSystem = TestVault.Open(medium, vault.Master, options: options);
        StressThreads threads = new(fileSystem, seed, StressSettings.Duration(defaultSeconds: 8));
        try
        {
            List<HistoryTask> tasks = [];
            for (int i = 0; i < 4; i++)
                tasks.Add(new HistoryTask(fileSystem, (seed * 4) + i, tasks));
            fileSystem.SyncAll();
            tasks.ForEach(threads.Add);
            threads.Add(new DeletionTask(fileSystem, 0));
            CrashChecker checker = new(vault, medium, threads, tasks, seed);
            threads.Run(checker.Crash);
            Assert.InRange(checker.CrashCount, 1, int.MaxValue);
            TestContext.Current.TestOutputHelper!.WriteLine($"{checker.CrashCount} crashes, {tasks.Sum(t => t.Ended)} changes");

            fileSystem.Close();
            Recovery.Audit(medium.Snapshot(), vault);
            using VaultFileSystem opened = TestVault.Open(medium, vault.Master);
            tasks.ForEach(t => t.CheckAtEnd(opened));
        }
        finally
        {
            if (!threads.IsStuck)
                fileSystem.Dispose();
        }
    }
}
