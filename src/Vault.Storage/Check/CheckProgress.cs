namespace Vault.Storage;

/// <summary>How far a check, a repair or a salvage is.</summary>
/// <param name="DoneBytes">Bytes of the container read and verified so far.</param>
/// <param name="TotalBytes">Bytes that will be, as far as it is known.</param>
/// <param name="Findings">Findings so far.</param>
public readonly record struct CheckProgress(long DoneBytes, long TotalBytes, long Findings);
