namespace Vault.Storage.Tests;

/// <summary>Makes everything durable again and again, and looks at the totals.</summary>
internal sealed class SyncTask(VaultFileSystem fileSystem) : StressTask(fileSystem)
{
    protected override void StepCore(Random random)
    {
        Doing = "syncing";
        ulong before = FileSystem.DurableGeneration;
        FileSystem.SyncAll();
        Assert.InRange(FileSystem.DurableGeneration, before, ulong.MaxValue);
        FileSystemStatistics statistics = FileSystem.GetStatistics();
        Assert.InRange(statistics.FreeBlocks, 0, statistics.TotalBlocks);
        Thread.Sleep(random.Next(20));
    }
}
