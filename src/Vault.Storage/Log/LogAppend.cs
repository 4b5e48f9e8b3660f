namespace Vault.Storage;

/// <summary>One append that authenticated.</summary>
/// <param name="Place">First block.</param>
/// <param name="Frame">As it authenticated.</param>
internal readonly record struct LogAppend(BlockAddress Place, LogFrame Frame);
