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
