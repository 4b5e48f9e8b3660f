namespace Vault.Storage;

/// <summary>What a superblock says of the space map.</summary>
/// <param name="Index">The root of the index; none in a vault that has no bitmap yet.</param>
/// <param name="Depth">Levels of the index: 64 to this power groups fit.</param>
/// <param name="TotalBlocks">Blocks of the container.</param>
/// <param name="FreeBlocks">Blocks that are not used.</param>
internal readonly record struct SpaceMapRoot(BlockPointer Index, int Depth, ulong TotalBlocks, long FreeBlocks);
