namespace Vault.Storage;

/// <summary>A container in a file, under an advisory lock: exclusive to write, shared to read.</summary>
public sealed class FileMedium : IMedium
{
    /// <summary>Opens a container file and locks it.</summary>
    /// <exception cref="VaultException">NotFound, AccessDenied, InUse (the message names the holding process), IoError.</exception>
    public static FileMedium Open(string path, bool readOnly) => throw new NotImplementedException();

    /// <summary>Creates a container file, mode 0600, and locks it.</summary>
    /// <exception cref="VaultException">AlreadyExists, NotFound (its directory), AccessDenied, NoSpace, IoError.</exception>
    public static FileMedium Create(string path) => throw new NotImplementedException();

    /// <inheritdoc/>
    public long LengthBytes => throw new NotImplementedException();

    /// <inheritdoc/>
    public bool IsReadOnly => throw new NotImplementedException();

    /// <inheritdoc/>
    public long HostFreeBytes => throw new NotImplementedException();

    /// <inheritdoc/>
    public int Read(long offsetBytes, Span<byte> destination) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> source) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Flush() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Allocate(long offsetBytes, long lengthBytes) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Trim(long offsetBytes, long lengthBytes) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void SetLength(long lengthBytes) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
