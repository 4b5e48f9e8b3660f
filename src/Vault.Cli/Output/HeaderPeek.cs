using Microsoft.Win32.SafeHandles;
using Vault.Storage;

namespace Vault.Cli;

/// <summary>
/// A container opened to look at its header only, without a lock: that is safe, and works while the vault is unlocked.
/// </summary>
internal sealed class HeaderPeek : IMedium
{
    private readonly SafeFileHandle _handle;

    private HeaderPeek(SafeFileHandle handle) => _handle = handle;

    /// <exception cref="VaultException">NotFound, AccessDenied, IoError.</exception>
    public static HeaderPeek Open(string path)
    {
        try
        {
            return new HeaderPeek(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new VaultException(VaultFailure.NotFound, $"{path} does not exist.", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new VaultException(Directory.Exists(path) ? VaultFailure.NotAVault : VaultFailure.AccessDenied, $"{path} cannot be read: {exception.Message}", exception);
        }
        catch (IOException exception)
        {
            throw new VaultException(VaultFailure.IoError, $"{path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public long LengthBytes => RandomAccess.GetLength(_handle);

    /// <inheritdoc/>
    public bool IsReadOnly => true;

    /// <inheritdoc/>
    public long HostFreeBytes => 0;

    /// <inheritdoc/>
    public int Read(long offsetBytes, Span<byte> destination)
    {
        try
        {
            return RandomAccess.Read(_handle, destination, offsetBytes);
        }
        catch (IOException exception)
        {
            throw new VaultException(VaultFailure.IoError, $"The header cannot be read: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> source) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Flush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Allocate(long offsetBytes, long lengthBytes) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Trim(long offsetBytes, long lengthBytes) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void SetLength(long lengthBytes) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
