using Vault.Crypto;

namespace Vault.Storage.Tests;

/// <summary>A vault whose newest state has a log of many small syncs, in short segments, as a crash leaves it.</summary>
internal sealed class LoggedVault : IDisposable
{
    /// <summary>Of the log: short, so that it goes on elsewhere every few appends.</summary>
    public const int SegmentBlocks = 9;

    private readonly MasterKey _master;

    /// <param name="syncs">Syncs after the last commit.</param>
    /// <param name="commitEvery">A commit after so many of the syncs before; 0: there are none before.</param>
    /// <param name="chunkSize">Bytes.</param>
    public LoggedVault(int syncs, int commitEvery = 0, int chunkSize = 4096)
    {
        MemoryMedium medium = TestVault.Create(out _master, chunkSize);
        using VaultFileSystem fileSystem = TestVault.Open(medium, _master, options: Options);
        LogWorkload workload = new(fileSystem);
        for (int i = 0; i < 3 * commitEvery; i++)
        {
            workload.Step();
            if (i % commitEvery == commitEvery - 1)
                fileSystem.CommitAll();
            else
                fileSystem.SyncAll();
        }

        fileSystem.CommitAll();
        States.Add(FileSystemDump.Of(fileSystem));
        for (int i = 0; i < syncs; i++)
        {
            workload.Step();
            fileSystem.SyncAll();
            States.Add(FileSystemDump.Of(fileSystem));
        }

        Image = medium.Snapshot();
    }

    public static VaultOpenOptions Options => TestVault.Quiet with
    {
        BackgroundThreads = false,
        SpacePolicy = new SpacePolicy { FirstLogSegment = SegmentBlocks, LogSegment = SegmentBlocks },
    };

    public MasterKey Master => _master;

    /// <summary>What a crash left.</summary>
    public byte[] Image { get; }

    /// <summary>The state that was committed, and one for each sync since.</summary>
    public List<string> States { get; } = [];

    /// <summary>The log as it can be followed.</summary>
    /// <param name="change">Changes where it begins.</param>
    public LogScan Scan(Func<LogStart, LogStart>? change = null)
    {
        MemoryMedium medium = new((byte[])Image.Clone());
        VaultHeader header = HeaderCopies.Verify(medium, _master);
        using VaultCipher cipher = new(_master, header.Id, header.Suite);
        Superblock newest = new SuperblockRing(medium, cipher).Read().Newest!;
        return LogScan.Of(medium, cipher, newest with { Log = change?.Invoke(newest.Log) ?? newest.Log });
    }

    public void Dispose() => _master.Dispose();
}
