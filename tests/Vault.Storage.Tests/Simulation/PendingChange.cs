namespace Vault.Storage.Tests.Simulation;

internal enum ChangeKind
{
    Write,
    Trim,
    Allocate,
    SetLength,
}

/// <summary>Something that was done to the medium and that no flush has covered yet.</summary>
/// <param name="Operation">Number of the medium's operation; a long write is one change a page.</param>
/// <param name="Kind">What was done.</param>
/// <param name="Page">First page.</param>
/// <param name="PageCount">Pages.</param>
/// <param name="Content">Of a write: the page as it became.</param>
/// <param name="Sectors">Of a write: a bit for each sector of the page that was written.</param>
/// <param name="LengthBytes">Of the medium afterwards; -1 if it does not change.</param>
internal readonly record struct PendingChange(
    long Operation, ChangeKind Kind, int Page, int PageCount, byte[]? Content, byte Sectors, long LengthBytes);
