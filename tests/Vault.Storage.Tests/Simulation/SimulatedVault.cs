using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Vault.Crypto;

namespace Vault.Storage.Tests.Simulation;

/// <summary>The key of one simulated vault and how it is opened. The seed determines everything: there are no threads, clocks or random bytes but these.</summary>
internal sealed class SimulatedVault : IDisposable
{
    /// <summary>
    /// Most bytes that opening reads, whatever the size of the vault: two header copies twice (verifying, comparing), eight
    /// superblocks, two copies of the space map's root for two states, and a path of the tree to the orphans; beside what the
    /// log takes.
    /// </summary>
    public const long MaxOpeningBytes = 256 * 1024;

    // Made once for each chunk size: the first key slot costs more than a whole workload.
    private static readonly ConcurrentDictionary<int, SparseImage> Empty = [];

    private readonly SeededRandomSource _random;
    private readonly CriticalLog _log = new();
    private readonly VaultOpenOptions _options;

    public SimulatedVault(int seed, VaultOpenOptions options)
    {
        _random = new SeededRandomSource(seed);
        Master = MasterKey.Generate(new SeededRandomSource(0));
        _options = options with { BackgroundThreads = false, Clock = Clock, Random = _random, Logger = _log };
    }

    public MasterKey Master { get; }

    /// <summary>Syncs that openings brought back from the log, again at each.</summary>
    public long ReplayedAppends { get; private set; }

    public SimulatedClock Clock { get; } = new();

    /// <summary>A vault that was just made.</summary>
    public SparseImage Create(int chunkSize) => Empty.GetOrAdd(chunkSize, size =>
    {
        SimulatedMedium medium = new(0);
        HeaderOptions header = new(size, CipherSuite.Aes256Gcm, TestVault.CheapCost);
        VaultContainer.CreateWithKey(medium, header, Master, Credential.FromPassphrase("test"u8), 0, 0, new SeededRandomSource(size), new SimulatedClock());
        return medium.Snapshot();
    });

    public VaultFileSystem Open(SimulatedMedium medium, bool readOnly = false, bool acceptOlder = false)
    {
        long most = readOnly ? MaxOpeningBytes + BytesForLog(medium) : long.MaxValue;
        long before = medium.BytesRead;
        VaultFileSystem fileSystem = VaultContainer.Open(medium, Master, _options with { ReadOnly = readOnly, AcceptOlderState = acceptOlder }, out OpeningReport report);
        ReplayedAppends += report.ReplayedSyncs;
        Assert.InRange(medium.BytesRead - before, 1, most);
        return fileSystem;
    }

    // An append is read four times: to follow the log, to see what it names, twice to do it. Each record of it leads to a page of the
    // tree, at most, and to a chunk: named or overwritten in part.
    private long BytesForLog(SimulatedMedium medium)
    {
        VaultHeader header = HeaderCopies.Verify(medium, Master);
        using VaultCipher cipher = new(Master, header.Id, header.Suite);
        if (new SuperblockRing(medium, cipher).Read().Newest is not { } newest)
            return 0;
        LogScan scan = LogScan.Of(medium, cipher, newest);
        byte[] buffer = new byte[LogWriter.MaxAppendBytes];
        long bytes = LogWriter.MaxAppendBytes + (scan.Segments.Sum(s => (long)s.BlockCount) * ContainerLayout.BlockSize); // what ends the log, and what lies behind
        foreach (LogAppend append in scan.Appends)
        {
            bytes += 4L * append.Frame.BlockCount * ContainerLayout.BlockSize;
            LogRecordReader records = new(scan.Read(append, buffer, out _), 0);
            while (records.MoveNext(out _))
                bytes += (4 * ContainerLayout.PageSize) + header.ChunkSizeBytes;
        }

        return bytes;
    }

    /// <summary>Fails if the vault met a bug of its own where nobody waited for an answer.</summary>
    public void CheckLog() => Assert.Null(_log.Bug);

    public void Dispose() => Master.Dispose();

    private sealed class CriticalLog : ILogger
    {
        public string? Bug { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Critical;

        // What a failing host does to a vault is critical too; a deletion that fails with another exception is a bug.
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string text = formatter(state, exception);
            if (logLevel == LogLevel.Critical && text.StartsWith("Deleting", StringComparison.Ordinal))
                Bug = text;
        }
    }
}
