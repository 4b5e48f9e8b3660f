using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class StressTests
{
    // Goal: threads on one file system do each other no harm: each finds its own files byte for byte as its model has them, and
    // what they share keeps its invariants (see the tasks), through commits, evictions and deletions in the background.
    // Method: seeded choices in each thread; little memory for pages and data, commits every few milliseconds. At the end all
    // is compared, the vault closed, audited, opened again and compared again. Which thread comes when is not seeded.
    [Fact]
    public void Threads_at_once_agree_with_their_models()
    {
        MemoryMedium medium = TestVault.Create(out MasterKey master, chunkSize: 8192);
        VaultOpenOptions options = TestVault.Quiet with { PageCacheBytes = 1 << 20, DirtyDataBytes = 512 * 1024, CommitInterval = TimeSpan.FromMilliseconds(5) };
        VaultFileSystem fileSystem = TestVault.Open(medium, master, options: options);
        StressThreads threads = new(fileSystem, StressSettings.Seed, StressSettings.Duration(defaultSeconds: 12));
        try
        {
            List<StressTask> tasks = Tasks(fileSystem);
            tasks.ForEach(threads.Add);
            threads.Run();
            tasks.ForEach(t => t.CheckAtEnd(fileSystem));
            Assert.All(tasks, t => Assert.InRange(t.Steps, 1, long.MaxValue));
            string dump = FileSystemDump.Of(fileSystem);
            fileSystem.Close();
            VaultAudit.Check(medium.Snapshot(), master);

            fileSystem = TestVault.Open(medium, master);
            Assert.Equal(dump, FileSystemDump.Of(fileSystem));
            tasks.ForEach(t => t.CheckAtEnd(fileSystem));
            fileSystem.Close();
            VaultAudit.Check(medium.Snapshot(), master);
        }
        finally
        {
            if (!threads.IsStuck)
                fileSystem.Dispose();
        }
    }

    private static List<StressTask> Tasks(VaultFileSystem fileSystem)
    {
        string[] names = ["one", "two", "three"];
        InodeNumber replaced = fileSystem.CreateDirectory("replaced");
        InodeNumber[] directories = [fileSystem.CreateDirectory("a"), fileSystem.CreateDirectory("b")];
        InodeNumber records = fileSystem.CreateFile("records");
        InodeNumber holes = fileSystem.CreateFile("holes");
        InodeNumber linked = fileSystem.CreateFile("linked", replaced);
        ReplaceTask.CreateAll(fileSystem, replaced, names);
        DirectoryTask.CreateAll(fileSystem, directories);
        List<StressTask> tasks = [new SyncTask(fileSystem)];
        for (int thread = 0; thread < 2; thread++)
        {
            tasks.Add(new PrivateTreeTask(fileSystem, (StressSettings.Seed * 2) + thread));
            tasks.Add(new RecordTask(fileSystem, records, thread, writers: 2));
            tasks.Add(new HoleTask(fileSystem, holes));
            tasks.Add(new ReplaceTask(fileSystem, replaced, names, thread));
            tasks.Add(new DirectoryTask(fileSystem, directories, thread, threads: 2));
            tasks.Add(new LinkTask(fileSystem, replaced, linked, thread));
            tasks.Add(new DeletionTask(fileSystem, thread));
        }

        return tasks;
    }
}
