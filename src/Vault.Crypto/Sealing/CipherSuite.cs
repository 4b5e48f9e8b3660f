namespace Vault.Crypto;

/// <summary>The AEAD of a vault, fixed at its creation. Both have 32-byte keys, 12-byte nonces and 16-byte tags.</summary>
public enum CipherSuite : byte
{
    /// <summary>AES-256-GCM (NIST SP 800-38D).</summary>
    Aes256Gcm = 1,

    /// <summary>ChaCha20-Poly1305 (RFC 8439).</summary>
    ChaCha20Poly1305 = 2,
}
