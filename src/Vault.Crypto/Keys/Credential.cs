namespace Vault.Crypto;

/// <summary>What kind of secret opens a key slot. Stored in the slot.</summary>
public enum KeySlotKind : byte
{
    /// <summary>The slot is empty.</summary>
    Empty = 0,

    /// <summary>A passphrase: its UTF-8 bytes.</summary>
    Passphrase = 1,

    /// <summary>A keyfile alone: SHA-256 of its content.</summary>
    Keyfile = 2,

    /// <summary>Passphrase and keyfile, both needed: SHA-256 of the keyfile, then the passphrase.</summary>
    PassphraseAndKeyfile = 3,
}

/// <summary>A secret that somebody presents to open a vault. Held in locked memory.</summary>
public sealed class Credential : IDisposable
{
    /// <summary>Which slots this credential can open.</summary>
    public KeySlotKind Kind => throw new NotImplementedException();

    /// <summary>A credential of a passphrase alone.</summary>
    /// <param name="passphrase">UTF-8 bytes, 1 to 1024; copied, the caller wipes them.</param>
    public static Credential FromPassphrase(ReadOnlySpan<byte> passphrase) => throw new NotImplementedException();

    /// <summary>A credential of a keyfile alone.</summary>
    /// <param name="keyfileSha256">SHA-256 of the keyfile's content, 32 bytes.</param>
    public static Credential FromKeyfile(ReadOnlySpan<byte> keyfileSha256) => throw new NotImplementedException();

    /// <summary>A credential of both.</summary>
    public static Credential FromPassphraseAndKeyfile(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> keyfileSha256) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
