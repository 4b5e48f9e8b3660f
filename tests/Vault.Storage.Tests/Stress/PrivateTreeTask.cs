namespace Vault.Storage.Tests;

/// <summary>A tree that only this thread works on: it must match the thread's own model, whatever the others do.</summary>
internal sealed class PrivateTreeTask : StressTask
{
    private readonly RandomWorkload _workload;
    private readonly InodeNumber _directory;

    public PrivateTreeTask(VaultFileSystem fileSystem, int seed)
        : base(fileSystem)
    {
        _directory = fileSystem.CreateDirectory($"private{seed}");
        _workload = new RandomWorkload(seed, 120_000, _directory);
    }

    public override void CheckAtEnd(VaultFileSystem opened) => Assert.Equal(_workload.Model.Dump(), FileSystemDump.Of(opened, _directory));

    protected override void StepCore(Random random)
    {
        if (random.Next(200) == 0)
        {
            Doing = "comparing its tree";
            CheckAtEnd(FileSystem);
        }

        Doing = "working in its tree";
        _workload.Run(FileSystem, 1);
    }
}
