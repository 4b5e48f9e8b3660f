using System.Text;
using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class ContainerReaderTests
{
    // Goal: docs/format is enough to read a vault.
    // Method: fill a vault through the file system, then read it with ContainerReader, which shares no code with it.
    [Theory]
    [InlineData(4096)]
    [InlineData(32 * 1024)]
    public void A_vault_opens_by_the_document_alone(int chunkSize)
    {
        MemoryMedium medium = TestVault.Create(out MasterKey master, chunkSize);
        byte[] key = new byte[32];
        master.Export(key);
        byte[] large = FileSystemExtensions.RandomBytes(300_001, seed: 2);
        byte[] xattr = FileSystemExtensions.RandomBytes(20_000, seed: 3);
        using (VaultFileSystem fileSystem = TestVault.Open(medium, master))
        {
            InodeNumber directory = fileSystem.CreateDirectory("directory");
            for (int i = 0; i < 3000; i++)
                fileSystem.WriteAll(fileSystem.CreateFile($"file {i}", directory), 0, $"content of {i}".Utf8());
            InodeNumber file = fileSystem.CreateFile("large");
            fileSystem.WriteAll(file, 0, large);
            InodeNumber sparse = fileSystem.CreateFile("sparse");
            fileSystem.WriteAll(sparse, 100_000, "behind a hole"u8);
            fileSystem.SetSize(sparse, 200_000);
            fileSystem.SetSize(fileSystem.CreateFile("hole"), 5_000);
            Assert.Equal(Errno.None, fileSystem.CreateSymlink(InodeNumber.Root, "link"u8, "directory/file 1"u8, 0, 0, out _));
            Assert.Equal(Errno.None, fileSystem.SetXattr(file, "user.name"u8, xattr, XattrMode.Any));
            fileSystem.CommitAll();
            fileSystem.CreateFile("orphan");
            Assert.Equal(Errno.None, fileSystem.Unlink(InodeNumber.Root, "orphan"u8));
            fileSystem.CommitAll();
            fileSystem.Close();
        }

        ContainerReader reader = new(medium.Snapshot(), key);
        ulong subdirectory = reader.Find(1, "directory");
        for (int i = 0; i < 3000; i++)
            Assert.Equal($"content of {i}", Encoding.UTF8.GetString(reader.Content(reader.Find(subdirectory, $"file {i}"))));
        Assert.Equal(3000, BitConverter.ToInt64(reader.Inode(subdirectory), 24));
        Assert.Equal(large, reader.Content(reader.Find(1, "large")));
        Assert.Equal(xattr, reader.Xattr(reader.Find(1, "large"), "user.name"));
        byte[] expected = new byte[200_000];
        "behind a hole"u8.CopyTo(expected.AsSpan(100_000));
        Assert.Equal(expected, reader.Content(reader.Find(1, "sparse")));
        Assert.Equal(new byte[5_000], reader.Content(reader.Find(1, "hole")));
        Assert.Equal("directory/file 1", reader.SymlinkTarget(reader.Find(1, "link")));
        Assert.Single(reader.Table(7));
        CheckNumbers(reader, fileCount: 3000 + 7);
    }

    // Goal: the document is enough to read what was synced and not committed. Method: read images of an unlocked vault after each
    // sync, commits in between; compare with what the file system holds then.
    [Theory]
    [InlineData(4096)]
    [InlineData(32 * 1024)]
    public void What_was_synced_is_read_by_the_document_alone(int chunkSize)
    {
        MemoryMedium medium = TestVault.Create(out MasterKey master, chunkSize);
        byte[] key = new byte[32];
        master.Export(key);
        int replayed = 0;
        using VaultFileSystem fileSystem = TestVault.Open(medium, master, options: LoggedVault.Options);
        LogWorkload workload = new(fileSystem);
        for (int i = 0; i < 40; i++)
        {
            workload.Step();
            if (i % 15 == 1)
                fileSystem.CommitAll();
            else
                fileSystem.SyncAll();
            ContainerReader reader = new(medium.Snapshot(), key);
            replayed += reader.ReplayedAppends;
            List<(string Name, InodeAttributes Attributes)> entries = [.. FileSystemDump.List(fileSystem, InodeNumber.Root).Where(e => e.Name is not ("." or ".."))];
            Assert.Equal(entries.Count, reader.Table(2).Count());
            foreach ((string name, InodeAttributes attributes) in entries)
                Assert.Equal(FileSystemDump.Content(fileSystem, attributes), reader.Content(reader.Find(1, name)));
        }

        Assert.InRange(replayed, 100, int.MaxValue);
    }

    private static void CheckNumbers(ContainerReader reader, int fileCount)
    {
        Assert.Equal(reader.Reached, reader.Used);
        Assert.Equal(1, reader.Superblock[0]); // locked
        Assert.Equal(reader.Table(1).Count(), BitConverter.ToInt64(reader.Superblock, 192));
        Assert.Equal(fileCount, reader.Table(1).Count());
        Assert.Equal(reader.Table(1).Max(i => i.Object) + 1, BitConverter.ToUInt64(reader.Superblock, 184));
        long total = BitConverter.ToInt64(reader.Superblock, 168);
        Assert.Equal(total - reader.Used.Count, BitConverter.ToInt64(reader.Superblock, 176));
        Assert.Equal(13UL, reader.Generation); // 8 by creation, two syncs, the lock: twice, and once more to cut the end
        Assert.Equal(1, reader.Superblock[3]);
        (ulong lastGeneration, ulong item, byte[] entry) = Assert.Single(reader.Table(9));
        Assert.Equal((8UL, 0UL), (lastGeneration, item));
        Assert.Equal(entry, reader.Superblock[320..360]);
    }
}
