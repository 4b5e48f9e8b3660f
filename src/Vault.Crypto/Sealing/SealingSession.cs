namespace Vault.Crypto;

/// <summary>
/// The only thing that can seal: one read-write unlock. Draws a fresh 16-byte session salt, derives the session's
/// keys, and numbers every seal; callers never see or choose a nonce. Changes its salt before 2^32 seals. Safe for
/// concurrent use.
/// </summary>
public sealed class SealingSession : IDisposable
{
    /// <param name="cipher">Not owned.</param>
    /// <param name="random">For session salts.</param>
    public SealingSession(VaultCipher cipher, RandomSource random) => throw new NotImplementedException();

    /// <summary>The salt that this session drew first; names the session in the vault's lineage.</summary>
    public UInt128 Salt => throw new NotImplementedException();

    /// <summary>Seals <paramref name="plaintext"/>. No managed allocation.</summary>
    /// <param name="kind">What the unit is; bound into the associated data together with the vault's id.</param>
    /// <param name="plaintext">Any length.</param>
    /// <param name="sealedBytes">Receives the ciphertext, as long as the plaintext; may not overlap it.</param>
    /// <returns>What the parent must keep.</returns>
    public SealStamp Seal(SealKind kind, ReadOnlySpan<byte> plaintext, Span<byte> sealedBytes) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
