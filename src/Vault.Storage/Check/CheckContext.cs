namespace Vault.Storage;

/// <summary>What the parts of a check of one state share.</summary>
internal sealed class CheckContext : IDisposable
{
    public required IMedium Medium { get; init; }

    public required Crypto.VaultCipher Cipher { get; init; }

    public required SealedUnits Units { get; init; }

    public required Superblock State { get; init; }

    public required int ChunkSize { get; init; }

    public required DurableTree Tree { get; init; }

    public required CheckLog Log { get; init; }

    public required ReachedBlocks Reached { get; init; }

    /// <summary>Chunks that several records may lead to.</summary>
    public required SharedIndex Shared { get; init; }

    public required InodeIndex Index { get; init; }

    public required StatePaths Paths { get; init; }

    /// <summary>Keys that cannot be read: of inodes and names from the start, of the other tables as the walk comes to them.</summary>
    public required LostRanges Lost { get; init; }

    /// <summary>A finding about an inode.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="at">The inode's place in <see cref="Index"/>.</param>
    /// <param name="detail">What failed.</param>
    public void Add(CheckFindingKind kind, int at, string detail) =>
        Log.Add(kind, Index[at].Number, Paths.Of(at), -1, 0, detail);

    /// <summary>A finding about a key of which the inode may be unknown.</summary>
    public void AddFor(CheckFindingKind kind, ulong number, string detail)
    {
        int at = Index.Find(number);
        Log.Add(kind, number, Paths.Of(at), -1, 0, detail);
    }

    /// <summary>Reads an inode's record. False: there is none, or it cannot be read.</summary>
    public bool TryGetRecord(ulong number, out InodeRecord record)
    {
        Span<byte> value = stackalloc byte[InodeRecord.SizeBytes];
        bool isFound = Tree.TryGet(new TreeKey(TableId.Inodes, number), value, out int length) == DurableTree.Outcome.Found && length == value.Length;
        record = isFound ? InodeRecord.Read(value) : default;
        record.Size = Math.Clamp(record.Size, 0, FileWriter.MaxFileSize); // an impossible one is told where records are checked
        record.DataBlocks = Math.Clamp(record.DataBlocks, 0, (long)BlockAddress.MaxValue);
        return isFound;
    }

    public void Dispose() => Tree.Dispose();
}
