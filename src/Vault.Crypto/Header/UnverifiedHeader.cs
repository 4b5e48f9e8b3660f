namespace Vault.Crypto;

/// <summary>How an attempt to open a key slot ended.</summary>
public enum UnlockOutcome
{
    /// <summary>A slot opened and the header's MAC matches.</summary>
    Unlocked,

    /// <summary>The vault has no slot of the credential's kind (a keyfile is needed, say).</summary>
    NoSlotOfKind,

    /// <summary>No slot of the credential's kind has its key commitment.</summary>
    WrongCredential,

    /// <summary>A slot's commitment matches the credential, but its sealed key does not open: the slot is damaged.</summary>
    SlotDamaged,

    /// <summary>The slot opened, but the header's MAC does not match: somebody changed the header.</summary>
    Forged,
}

/// <summary>A header that parses and whose checksum matches, but which no key has verified yet: hostile until then.</summary>
public sealed class UnverifiedHeader
{
    /// <summary>Parses one copy. Allocates nothing in proportion to what the bytes say.</summary>
    /// <param name="bytes">At least <see cref="VaultHeader.SizeBytes"/> bytes, else <see cref="HeaderDefect.NotAVault"/>: untrusted.</param>
    /// <param name="header">The header, if the result is <see cref="HeaderDefect.None"/>.</param>
    public static HeaderDefect TryParse(ReadOnlySpan<byte> bytes, out UnverifiedHeader? header) =>
        throw new NotImplementedException();

    /// <summary>The vault's identity. Untrusted.</summary>
    public VaultId Id => throw new NotImplementedException();

    /// <summary>Counts changes of the header. Untrusted; decides between two copies.</summary>
    public ulong Sequence => throw new NotImplementedException();

    /// <summary>Bytes of a chunk. Within bounds, but untrusted.</summary>
    public int ChunkSizeBytes => throw new NotImplementedException();

    /// <summary>The AEAD. A known one, but untrusted.</summary>
    public CipherSuite Suite => throw new NotImplementedException();

    /// <summary>The occupied key slots. Untrusted.</summary>
    public IReadOnlyList<KeySlotInfo> Slots => throw new NotImplementedException();

    /// <summary>Tries the credential on every slot of its kind: one Argon2id each.</summary>
    /// <param name="credential">What the person presented.</param>
    /// <param name="master">The master key, if the result is <see cref="UnlockOutcome.Unlocked"/>; the caller disposes of it.</param>
    public UnlockOutcome TryUnlock(Credential credential, out MasterKey? master) => throw new NotImplementedException();

    /// <summary>Verifies the MAC under a master key.</summary>
    /// <returns>The verified header, or <see langword="null"/> if the MAC does not match.</returns>
    public VaultHeader? TryVerify(MasterKey master) => throw new NotImplementedException();
}
