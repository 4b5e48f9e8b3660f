namespace Vault.Storage;

/// <summary>Chunks of a file of which nothing is known any more.</summary>
/// <param name="Inode">The file.</param>
/// <param name="First">First chunk.</param>
/// <param name="End">Chunk behind the last; beyond the end of the file if unknown.</param>
internal readonly record struct LostRun(ulong Inode, ulong First, ulong End);
