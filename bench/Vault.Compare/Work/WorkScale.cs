namespace Vault.Compare.Work;

/// <summary>How much is done.</summary>
/// <param name="FileSize">Bytes of the one large file.</param>
/// <param name="RandomCount">Random reads and writes of 4 KiB.</param>
/// <param name="SyncedCount">Writes that are synced one by one.</param>
/// <param name="DirectoryCount">Directories of <paramref name="FilesInDirectory"/> files of 4 KiB.</param>
/// <param name="FilesInDirectory">Files in each.</param>
/// <param name="AppendCount">Times that a log is opened, appended to and closed.</param>
/// <param name="CommitCount">Transactions of SQLite.</param>
internal sealed record WorkScale(
    long FileSize, int RandomCount, int SyncedCount, int DirectoryCount, int FilesInDirectory, int AppendCount, int CommitCount)
{
    public static WorkScale Full { get; } = new(512L << 20, 16384, 2000, 100, 100, 5000, 2000);

    /// <summary>To try the comparison itself; its numbers say little.</summary>
    public static WorkScale Quick { get; } = new(64L << 20, 2048, 200, 10, 100, 500, 200);

    public int FileCount => DirectoryCount * FilesInDirectory;
}
