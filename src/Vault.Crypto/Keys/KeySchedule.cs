using System.Security.Cryptography;

namespace Vault.Crypto;

/// <summary>The one way in which a key is derived from another: HKDF-SHA256 (RFC 5869).</summary>
internal static class KeySchedule
{
    /// <param name="inputKey">The key above it.</param>
    /// <param name="salt">Empty, or what makes the key one of many.</param>
    /// <param name="label">From <see cref="KeyLabels"/>.</param>
    /// <param name="output">Filled.</param>
    internal static void Derive(ReadOnlySpan<byte> inputKey, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, Span<byte> output) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, inputKey, output, salt, label);
}
