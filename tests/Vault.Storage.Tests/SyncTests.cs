using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class SyncTests
{
    // Goal: concurrent syncs share appends of the log: the flushes of a busy server do not grow with its clients.
    // Method: threads that each write and sync on a medium whose flush takes a while; without sharing each sync would
    // be an append with a flush.
    [Fact]
    public void Concurrent_syncs_share_appends()
    {
        const int Threads = 8;
        const int SyncsEach = 20;
        MemoryMedium medium = TestVault.Create(out MasterKey master);
        using VaultFileSystem fileSystem = TestVault.Open(medium, master);
        medium.BeforeFlush = () => Thread.Sleep(2);
        int before = medium.FlushCount;
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(n => new Thread(() =>
        {
            InodeNumber file = fileSystem.CreateFile($"f{n}");
            for (int i = 0; i < SyncsEach; i++)
            {
                fileSystem.WriteAll(file, i * 10, "0123456789"u8);
                fileSystem.SyncAll();
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.InRange(medium.FlushCount - before, SyncsEach, Threads * SyncsEach / 2);
    }

    // Goal: a sync with nothing to make durable costs nothing.
    [Fact]
    public void A_sync_without_changes_writes_nothing()
    {
        MemoryMedium medium = TestVault.Create(out MasterKey master);
        using VaultFileSystem fileSystem = TestVault.Open(medium, master);
        fileSystem.CreateFile("file");
        fileSystem.SyncAll();
        long before = medium.OperationCount;
        fileSystem.SyncAll();
        Assert.Equal(before, medium.OperationCount);
    }
}
