namespace Vault.Storage;

/// <summary>What <c>statfs(2)</c> tells.</summary>
/// <param name="BlockSizeBytes">Bytes of a block: 4096.</param>
/// <param name="TotalBlocks">Blocks that the vault holds or could grow to on its host.</param>
/// <param name="FreeBlocks">Blocks free, the reserve included.</param>
/// <param name="AvailableBlocks">Blocks that a write can still use.</param>
/// <param name="InodeCount">Inodes in use.</param>
public readonly record struct FileSystemStatistics(
    int BlockSizeBytes, long TotalBlocks, long FreeBlocks, long AvailableBlocks, long InodeCount);
