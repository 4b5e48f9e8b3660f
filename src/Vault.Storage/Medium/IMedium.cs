namespace Vault.Storage;

/// <summary>
/// Where a container lives: bytes at offsets, synchronously. Assumed of it: a flush that returns makes all earlier
/// writes durable; before it any of them may be lost, whole or in part, in any order. Nothing read is trusted.
/// Failures are <see cref="VaultException"/>s (<see cref="VaultFailure.IoError"/>, <see cref="VaultFailure.NoSpace"/>).
/// Safe for concurrent use on ranges that do not overlap.
/// </summary>
public interface IMedium : IDisposable
{
    /// <summary>Bytes of the medium.</summary>
    long LengthBytes { get; }

    /// <summary>Whether writes are refused.</summary>
    bool IsReadOnly { get; }

    /// <summary>Bytes that the host could still give.</summary>
    long HostFreeBytes { get; }

    /// <summary>Reads; bytes beyond the end are not filled.</summary>
    /// <returns>Bytes read; less than asked for only at the end of the medium.</returns>
    int Read(long offsetBytes, Span<byte> destination);

    /// <summary>Writes all of <paramref name="source"/>.</summary>
    void Write(long offsetBytes, ReadOnlySpan<byte> source);

    /// <summary>Makes all earlier writes durable.</summary>
    void Flush();

    /// <summary>Reserves space on the host for a range, extending the medium if needed; the content of new space is unspecified.</summary>
    void Allocate(long offsetBytes, long lengthBytes);

    /// <summary>Gives a range back to the host; it reads as anything afterwards.</summary>
    void Trim(long offsetBytes, long lengthBytes);

    /// <summary>Cuts or extends the medium.</summary>
    void SetLength(long lengthBytes);
}
