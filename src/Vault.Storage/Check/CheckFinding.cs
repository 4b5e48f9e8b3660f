namespace Vault.Storage;

/// <summary>One thing that a check found wrong.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Inode">The inode that it concerns; 0 if none.</param>
/// <param name="Path">
/// The inode's path from the root of the vault, without a leading slash, control bytes and invalid UTF-8 written as \xNN; null
/// if it concerns no inode or no path of it can be read.
/// </param>
/// <param name="OffsetBytes">First byte of the file's affected range; in a finding about the container, its place there; -1 if unknown.</param>
/// <param name="LengthBytes">Length of that range, bytes; 0 if it does not apply.</param>
/// <param name="Detail">One English phrase: what failed and what follows from it.</param>
public sealed record CheckFinding(
    CheckFindingKind Kind, ulong Inode, string? Path, long OffsetBytes, long LengthBytes, string Detail);
