namespace Vault.Storage.Tests;

/// <summary>Files that are deleted: while they are open they stay as they were; large ones go in the background.</summary>
internal sealed class DeletionTask(VaultFileSystem fileSystem, int thread) : StressTask(fileSystem)
{
    private readonly byte[] _data = FileSystemExtensions.RandomBytes(600_000, seed: 7 + thread);

    protected override void StepCore(Random random)
    {
        byte[] name = $"doomed{thread}".Utf8();
        InodeNumber file = FileSystem.CreateFile($"doomed{thread}");
        int pieces = random.Next(5) == 0 ? 18 : 1; // more than what is deleted at once, or less
        Doing = "writing what is to be deleted";
        for (int i = 0; i < pieces; i++)
            FileSystem.WriteAll(file, (long)i * _data.Length, _data);
        Succeeds(FileSystem.Unlink(InodeNumber.Root, name));
        Doing = "reading what has no name any more";
        int offset = random.Next(_data.Length - 1000);
        byte[] found = FileSystem.ReadAll(file, offset + ((long)random.Next(pieces) * _data.Length), 1000);
        Assert.True(found.AsSpan().SequenceEqual(_data.AsSpan(offset, 1000)), "An open file changed when its name was removed.");
        Assert.Equal(0u, FileSystem.Stat(file).LinkCount);
        Doing = "forgetting the last reference";
        FileSystem.Forget(file, 1);
    }
}
