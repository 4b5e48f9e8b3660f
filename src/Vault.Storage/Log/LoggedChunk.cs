namespace Vault.Storage;

/// <summary>How an unsealed chunk is held, beside its content.</summary>
/// <param name="FirstBlock">The first block in the chunk that the record has.</param>
/// <param name="CountedBlocks">Blocks that the inode record counts for the chunk.</param>
/// <param name="PlaceBlocks">Blocks that hold all its bytes.</param>
/// <param name="IsFresh">It began with zeros, whatever is stored of it.</param>
internal readonly record struct LoggedChunk(int FirstBlock, int CountedBlocks, int PlaceBlocks, bool IsFresh);
