namespace Vault.Storage;

/// <summary>
/// A share of all inodes, by number: the lock under which their content changes, and their dirty chunks. Never are
/// two held at once.
/// </summary>
internal sealed class DataStripe
{
    /// <summary>Shared to read content, exclusive to change it. After the gate, before the tree.</summary>
    public ReaderWriterLockSlim Lock { get; } = new(LockRecursionPolicy.NoRecursion);

    public Dictionary<ChunkKey, DirtyChunk> Dirty { get; } = [];

    /// <summary>Scratch of a flush: the keys of <see cref="Dirty"/> in order.</summary>
    public List<ChunkKey> FlushOrder { get; } = [];
}
