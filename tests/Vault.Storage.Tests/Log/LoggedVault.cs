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
            Older = new(medium.Snapshot(), FileSystemDump.Of(fileSystem));
        }

        fileSystem.CommitAll();
        States.Add(FileSystemDump.Of(fileSystem));
        for (int i = 0; i < syncs; i++)
        {
            workload.Step();
            fileSystem.SyncAll();
            States.Add(FileSystemDump.Of(fileSystem));
        }

        Generation = fileSystem.DurableGeneration;
        Image = medium.Snapshot();
    }

    public static VaultOpenOptions Options => TestVault.Quiet with
    {
        BackgroundThreads = false,
        SpacePolicy = new SpacePolicy { FirstLogSegment = SegmentBlocks, LogSegment = SegmentBlocks },
    };

    public MasterKey Master => _master;

    public ulong Generation { get; }

    /// <summary>What a crash left.</summary>
    public byte[] Image { get; }

    /// <summary>The state that was committed, and one for each sync since.</summary>
    public List<string> States { get; } = [];

    /// <summary>An earlier image, and what it held.</summary>
    public (byte[] Image, string State) Older { get; }

    /// <summary>The log as it can be followed.</summary>
    public LogScan Scan(byte[]? image = null) => WithCipher((medium, cipher) => LogScan.Of(medium, cipher, new SuperblockRing(medium, cipher).Read().Newest!), image);

    public void Dispose() => _master.Dispose();

    private T WithCipher<T>(Func<IMedium, VaultCipher, T> use, byte[]? image)
    {
        MemoryMedium medium = new((byte[])(image ?? Image).Clone());
        VaultHeader header = HeaderCopies.Verify(medium, _master);
        using VaultCipher cipher = new(_master, header.Id, header.Suite);
        return use(medium, cipher);
    }
}
