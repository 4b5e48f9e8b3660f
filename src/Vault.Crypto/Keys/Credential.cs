using System.Security.Cryptography;

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
    /// <summary>Longest passphrase in bytes.</summary>
    public const int MostPassphraseBytes = 1024;

    private readonly SecretBuffer _bytes;

    private Credential(KeySlotKind kind, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        Kind = kind;
        _bytes = new SecretBuffer(first.Length + second.Length);
        first.CopyTo(_bytes.Span);
        second.CopyTo(_bytes.Span[first.Length..]);
    }

    /// <summary>Which slots this credential can open.</summary>
    public KeySlotKind Kind { get; }

    /// <summary>A credential of a passphrase alone.</summary>
    /// <param name="passphrase">UTF-8 bytes, 1 to 1024; copied, the caller wipes them.</param>
    public static Credential FromPassphrase(ReadOnlySpan<byte> passphrase)
    {
        CheckPassphrase(passphrase);
        return new Credential(KeySlotKind.Passphrase, passphrase, []);
    }

    /// <summary>A credential of a keyfile alone.</summary>
    /// <param name="keyfileSha256">SHA-256 of the keyfile's content, 32 bytes.</param>
    public static Credential FromKeyfile(ReadOnlySpan<byte> keyfileSha256)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(keyfileSha256.Length, SHA256.HashSizeInBytes);
        return new Credential(KeySlotKind.Keyfile, keyfileSha256, []);
    }

    /// <summary>A credential of both.</summary>
    /// <param name="passphrase">UTF-8 bytes, 1 to 1024; copied, the caller wipes them.</param>
    /// <param name="keyfileSha256">SHA-256 of the keyfile's content, 32 bytes.</param>
    public static Credential FromPassphraseAndKeyfile(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> keyfileSha256)
    {
        CheckPassphrase(passphrase);
        ArgumentOutOfRangeException.ThrowIfNotEqual(keyfileSha256.Length, SHA256.HashSizeInBytes);
        return new Credential(KeySlotKind.PassphraseAndKeyfile, keyfileSha256, passphrase);
    }

    /// <summary>Wipes the secret.</summary>
    public void Dispose() => _bytes.Dispose();

    internal SecretBuffer.Lease Borrow() => _bytes.Borrow();

    private static void CheckPassphrase(ReadOnlySpan<byte> passphrase)
    {
        ArgumentOutOfRangeException.ThrowIfZero(passphrase.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(passphrase.Length, MostPassphraseBytes);
    }
}
