using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Vault.Cli.Interop;
using Vault.Storage;

namespace Vault.Cli;

/// <summary>
/// A container opened to look at its header only, without a lock: that is safe, and works while the vault is unlocked.
/// </summary>
internal sealed class HeaderPeek : IMedium
{
    private readonly SafeFileHandle _handle;

    private HeaderPeek(SafeFileHandle handle) => _handle = handle;

    /// <exception cref="VaultException">NotFound, AccessDenied, NotAVault (a directory), IoError.</exception>
    public static HeaderPeek Open(string path)
    {
        if (Directory.Exists(path))
        {
            throw new VaultException(VaultFailure.NotAVault, $"{path} is a directory, not a vault.");
        }

        // Not File.OpenHandle: it would take the lock that the server holds.
        int error = Libc.OpenToRead(path, out SafeFileHandle? handle);
        return handle is not null
            ? new HeaderPeek(handle)
            : throw new VaultException(FailureOf(error), $"{path} cannot be read: {Marshal.GetPInvokeErrorMessage(error)}.");
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

    private static VaultFailure FailureOf(int error) => error switch
    {
        Libc.ENOENT or Libc.ENOTDIR => VaultFailure.NotFound,
        Libc.EACCES or Libc.EPERM => VaultFailure.AccessDenied,
        _ => VaultFailure.IoError,
    };
}
