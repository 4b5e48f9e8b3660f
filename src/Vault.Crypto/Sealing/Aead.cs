using System.Security.Cryptography;

namespace Vault.Crypto;

/// <summary>One cipher context under one key. Drives one OpenSSL context: not for two threads at once.</summary>
internal abstract class Aead : IDisposable
{
    internal const int KeySize = 32;
    internal const int NonceSize = 12;
    internal const int TagSize = 16;

    /// <summary>Makes a context; the key is copied into OpenSSL's own memory, which it wipes when freed.</summary>
    /// <param name="suite">A known suite.</param>
    /// <param name="key"><see cref="KeySize"/> bytes.</param>
    /// <exception cref="PlatformNotSupportedException">The system's OpenSSL lacks the suite.</exception>
    internal static Aead Create(CipherSuite suite, ReadOnlySpan<byte> key) => suite switch
    {
        _ when !IsSupported(suite) =>
            throw new PlatformNotSupportedException($"The cipher suite {suite} is not offered by this system's OpenSSL."),
        CipherSuite.Aes256Gcm => new AesGcmContext(key),
        _ => new ChaCha20Poly1305Context(key),
    };

    /// <summary>Whether the suite is known and the system's OpenSSL has it.</summary>
    internal static bool IsSupported(CipherSuite suite) => suite switch
    {
        CipherSuite.Aes256Gcm => AesGcm.IsSupported,
        CipherSuite.ChaCha20Poly1305 => ChaCha20Poly1305.IsSupported,
        _ => false,
    };

    internal abstract void Seal(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData);

    /// <summary>Decrypts and authenticates.</summary>
    /// <returns><see langword="false"/> if the tag does not match; <paramref name="plaintext"/> is then all zeros.</returns>
    internal bool TryOpen(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> associatedData)
    {
        try
        {
            Open(nonce, ciphertext, tag, plaintext, associatedData);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            CryptographicOperations.ZeroMemory(plaintext);
            return false;
        }
    }

    public abstract void Dispose();

    private protected abstract void Open(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> associatedData);

    private sealed class AesGcmContext(ReadOnlySpan<byte> key) : Aead
    {
        private readonly AesGcm _cipher = new(key, TagSize);

        internal override void Seal(
            ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData) =>
            _cipher.Encrypt(nonce, plaintext, ciphertext, tag, associatedData);

        public override void Dispose() => _cipher.Dispose();

        private protected override void Open(
            ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> associatedData) =>
            _cipher.Decrypt(nonce, ciphertext, tag, plaintext, associatedData);
    }

    private sealed class ChaCha20Poly1305Context(ReadOnlySpan<byte> key) : Aead
    {
        private readonly ChaCha20Poly1305 _cipher = new(key);

        internal override void Seal(
            ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData) =>
            _cipher.Encrypt(nonce, plaintext, ciphertext, tag, associatedData);

        public override void Dispose() => _cipher.Dispose();

        private protected override void Open(
            ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext, ReadOnlySpan<byte> associatedData) =>
            _cipher.Decrypt(nonce, ciphertext, tag, plaintext, associatedData);
    }
}
