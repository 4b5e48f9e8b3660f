namespace Vault.Crypto;

/// <summary>
/// The keys of one unlocked vault: opens sealed units and superblocks, hashes names. Seals nothing but
/// superblocks: units are sealed by a <see cref="SealingSession"/>. Safe for concurrent use.
/// </summary>
public sealed class VaultCipher : IDisposable
{
    /// <param name="master">Not owned; may be disposed of after the constructor returns.</param>
    /// <param name="id">The vault's id, bound into all associated data.</param>
    /// <param name="suite">The vault's AEAD.</param>
    public VaultCipher(MasterKey master, VaultId id, CipherSuite suite) => throw new NotImplementedException();

    /// <summary>The id the cipher was made for.</summary>
    public VaultId Id => throw new NotImplementedException();

    /// <summary>Opens a sealed unit. No managed allocation once a session's keys are derived.</summary>
    /// <param name="kind">What the parent says the unit is.</param>
    /// <param name="stamp">From the parent: already authenticated.</param>
    /// <param name="sealedBytes">As stored: untrusted.</param>
    /// <param name="plaintext">As long as <paramref name="sealedBytes"/>; not overlapping it.</param>
    /// <returns><see langword="false"/> if the tag does not match; <paramref name="plaintext"/> is then all zeros.</returns>
    public bool TryOpen(SealKind kind, in SealStamp stamp, ReadOnlySpan<byte> sealedBytes, Span<byte> plaintext) =>
        throw new NotImplementedException();

    /// <summary>56 bits of a keyed hash (HMAC-SHA256 under the name key) of a directory entry's name.</summary>
    public ulong HashName(ReadOnlySpan<byte> name) => throw new NotImplementedException();

    /// <summary>Bytes of plaintext in a 4096-byte superblock slot.</summary>
    public const int SuperblockPlaintextSize = 4096 - 32 - 16;

    /// <summary>Seals a superblock under a fresh random salt: slot = salt (32) | tag (16) | ciphertext.</summary>
    /// <param name="slotIndex">Bound into the associated data.</param>
    /// <param name="plaintext"><see cref="SuperblockPlaintextSize"/> bytes.</param>
    /// <param name="slot">4096 bytes.</param>
    /// <param name="random">For the salt.</param>
    public void SealSuperblock(int slotIndex, ReadOnlySpan<byte> plaintext, Span<byte> slot, RandomSource random) =>
        throw new NotImplementedException();

    /// <summary>Opens a superblock slot. See <see cref="SealSuperblock"/>.</summary>
    /// <returns><see langword="false"/> if the slot does not authenticate; <paramref name="plaintext"/> is then all zeros.</returns>
    public bool TryOpenSuperblock(int slotIndex, ReadOnlySpan<byte> slot, Span<byte> plaintext) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
