using Vault.Storage.Tests.Simulation;

namespace Vault.Storage.Tests;

/// <summary>Takes away the power of a medium on which threads are working, as far as an image goes, and holds it against what they did.</summary>
internal sealed class CrashChecker(SimulatedVault vault, SimulatedMedium medium, StressThreads threads, IReadOnlyList<HistoryTask> tasks, int seed)
{
    private readonly Random _random = new(seed);

    public int CrashCount { get; private set; }

    public void Crash()
    {
        Thread.Sleep(_random.Next(15));
        long[] lowest = [.. tasks.Select(t => t.Durable)];
        CrashPoint crash = medium.TakeCrashPoint();
        long[] highest = [.. tasks.Select(t => t.Begun)];
        for (int i = 0; i < highest.Length; i++)
        {
            if (!threads.WaitFor(() => tasks[i].Ended >= highest[i]))
                return; // reported as what it is by whoever watches the threads
        }

        Survival[] survivals = Enum.GetValues<Survival>();
        Survival survival = survivals[_random.Next(survivals.Length)];
        SparseImage image = crash.Image(survival, _random.Next());
        try
        {
            Check(image, lowest, highest);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Crash {CrashCount}, {survival}: the image does not hold.", e);
        }

        CrashCount++;
        for (int i = 0; i < lowest.Length; i++)
            tasks[i].ForgetBefore(lowest[i]);
    }

    private void Check(SparseImage image, long[] lowest, long[] highest)
    {
        Recovery.Audit(image, vault);
        SimulatedMedium survivor = new(_random.Next(), image);
        using VaultFileSystem fileSystem = vault.Open(survivor);
        List<(long Lowest, long Highest)> found = [];
        for (int i = 0; i < tasks.Count; i++)
        {
            string content = FileSystemDump.Of(fileSystem, tasks[i].Directory);
            List<long> versions = [.. Versions(lowest[i], highest[i]).Where(v => tasks[i][v].Content == content)];
            Assert.True(versions.Count > 0, $"The tree of thread {i} is none of its states {lowest[i]} to {highest[i]}.");
            found.Add((versions[0], versions[^1]));
        }

        CheckOneInstant(found, highest);
        fileSystem.CreateFile("after");
        fileSystem.Close();
        Recovery.Audit(survivor.Snapshot(), vault);
    }

    // What one thread had done before another one began something that is there, is there too.
    private void CheckOneInstant(List<(long Lowest, long Highest)> found, long[] highest)
    {
        for (int missing = 0; missing < tasks.Count; missing++)
        {
            long next = found[missing].Highest + 1;
            for (int there = 0; next <= highest[missing] && there < tasks.Count; there++)
                Assert.True(tasks[there][found[there].Lowest].BegunAt < tasks[missing][next].EndedAt, "The image mixes two instants.");
        }
    }

    private static IEnumerable<long> Versions(long lowest, long highest)
    {
        for (long version = lowest; version <= highest; version++)
            yield return version;
    }
}
