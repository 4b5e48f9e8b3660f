namespace Vault.Storage;

/// <summary>A range of a file that is copied to a range of another, or of the same.</summary>
/// <param name="Source">A regular file.</param>
/// <param name="SourceOffset">First byte that is read.</param>
/// <param name="Destination">A regular file.</param>
/// <param name="DestinationOffset">First byte that is written.</param>
/// <param name="Length">Bytes.</param>
/// <param name="IsWithinSource">
/// Whether the source is known to be that long: what lies behind the end that is known here are zeros (the kernel's cache has
/// the rest of the file, and no data there).
/// </param>
internal readonly record struct CopiedRange(
    InodeNumber Source, long SourceOffset, InodeNumber Destination, long DestinationOffset, long Length, bool IsWithinSource)
{
    /// <summary>What is left after the first bytes were copied.</summary>
    public CopiedRange Skip(long bytes) => this with
    {
        SourceOffset = SourceOffset + bytes,
        DestinationOffset = DestinationOffset + bytes,
        Length = Length - bytes,
    };
}
