namespace Vault.Crypto;

/// <summary>A fixed number of secret bytes in locked, non-dumpable, unmanaged memory; wiped on dispose.</summary>
public sealed class SecretBuffer : IDisposable
{
    /// <param name="size">Bytes, at least 1.</param>
    public SecretBuffer(int size) => throw new NotImplementedException();

    /// <summary>The bytes. Not to be kept beyond the buffer's life.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed of.</exception>
    public Span<byte> Span => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
