using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class CrashTests
{
    // Goal: a power loss at any instant leaves a vault that opens in the last durable state or the one being committed,
    // with every block accounted for, and that can be worked on.
    // Method: record a workload's writes and flushes; cut at every operation, with several patterns of what survives of
    // unflushed writes. Exhaustive over operations and patterns; the workload is seeded.
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Every_crash_point_opens_in_a_durable_state(int seed)
    {
        byte[] initial = TestVault.Create(out MasterKey master, chunkSize: 8192).Snapshot();
        RecordingMedium medium = new(initial);
        RandomWorkload workload = new(seed, 60_000);
        List<(int Operation, string State)> durable = [(0, workload.Model.Dump())];
        using (VaultFileSystem fileSystem = TestVault.Open(medium, master))
        {
            for (int i = 0; i < 7; i++)
            {
                workload.Run(fileSystem, 30);
                Assert.Equal(Errno.None, fileSystem.Sync());
                durable.Add((medium.OperationCount, workload.Model.Dump()));
            }
        }

        for (int operation = 0; operation <= medium.OperationCount; operation++)
        {
            int last = durable.FindLastIndex(d => d.Operation <= operation);
            string[] allowed = [durable[last].State, durable[Math.Min(last + 1, durable.Count - 1)].State];
            foreach (RecordingMedium.Survival survival in Enum.GetValues<RecordingMedium.Survival>())
                CheckImage(medium.ImageAfterCrash(operation, survival), master, allowed, $"seed {seed}, operation {operation}, {survival}", operation % 16 == 0);
        }
    }

    // Goal: what changes while a commit is being written belongs to the next one: the commit makes exactly the state durable
    // that it froze, and until then the image holds the one before.
    // Method: at some write of each commit another thread goes on with the workload; the image is looked at there, and
    // after the commit. Some of the commits are refused a write first and tried again.
    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Work_during_a_commit_is_not_part_of_it(int seed)
    {
        MemoryMedium medium = TestVault.Create(out MasterKey master, chunkSize: 8192);
        RandomWorkload workload = new(seed, 120_000);
        Random random = new(seed);
        using VaultFileSystem fileSystem = TestVault.Open(medium, master, options: TestVault.Quiet with { PageCacheBytes = 1 << 20 });
        for (int i = 0; i < 300; i++)
            fileSystem.CreateFile($"many{i}", workload.Model.Root.Inode);
        foreach ((string name, InodeAttributes attributes) in FileSystemDump.List(fileSystem, InodeNumber.Root).Where(e => e.Name.StartsWith("many", StringComparison.Ordinal)))
            workload.Model.Root.Children![name] = new() { Mode = attributes.Mode, Inode = attributes.Inode };
        string durable = new ModelFileSystem().Dump();
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
                workload.Run(fileSystem, 25);
                AssertState(medium, master, durable);
            }

            if (fileSystem.Sync() != Errno.None)
            {
                Assert.True(isRefused);
                workload.Run(fileSystem, 10);
                frozen = workload.Model.Dump(); // the pending commit, and one of what came since
                Assert.Equal(Errno.None, fileSystem.Sync());
            }

            medium.BeforeWrite = null;
            AssertState(medium, master, frozen);
            durable = frozen;
        }
    }

    private static bool IsFrozen(VaultFileSystem fileSystem, ulong durable) => PrivateState.Field<Volume>(fileSystem, "_volume").LiveGeneration > durable + 1;

    private static void AssertState(MemoryMedium medium, MasterKey master, string expected)
    {
        byte[] image = medium.Snapshot();
        VaultAudit.Check(image, master);
        using VaultFileSystem copy = TestVault.Open(new MemoryMedium(image), master, readOnly: true);
        Assert.Equal(expected, FileSystemDump.Of(copy));
    }

    private static void CheckImage(byte[] image, MasterKey master, string[] allowed, string where, bool goOn)
    {
        try
        {
            VaultAudit.Check(image, master);
            MemoryMedium medium = new(image);
            using VaultFileSystem fileSystem = TestVault.Open(medium, master);
            Assert.Contains(FileSystemDump.Of(fileSystem), allowed);
            if (!goOn)
                return;
            Assert.Equal(Errno.None, fileSystem.CreateNode(InodeNumber.Root, "after"u8, ModeBits.RegularFile, 0, 0, 0, out InodeAttributes file));
            byte[] data = new byte[100_000];
            for (int i = 0; i < 3; i++)
            {
                Assert.Equal(Errno.None, fileSystem.Write(file.Inode, i * 50_000, data, true, false));
                VaultAudit.Check(medium.Snapshot(), master); // what is written already must not touch the newest two states
                Assert.Equal(Errno.None, fileSystem.Sync());
                VaultAudit.Check(medium.Snapshot(), master);
            }
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"The image of {where} does not hold.", e);
        }
    }
}
