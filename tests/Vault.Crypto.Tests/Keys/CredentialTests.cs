namespace Vault.Crypto.Tests;

public sealed class CredentialTests
{
    // Goal: each kind's bytes are those of the format: keyfile hash first, then the passphrase.
    // Method: read them back.
    [Fact]
    public void Bytes_follow_the_format()
    {
        byte[] hash = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        using Credential passphrase = Credential.FromPassphrase("abc"u8);
        using Credential keyfile = Credential.FromKeyfile(hash);
        using Credential both = Credential.FromPassphraseAndKeyfile("abc"u8, hash);

        Assert.Equal((KeySlotKind.Passphrase, "616263"), Read(passphrase));
        Assert.Equal((KeySlotKind.Keyfile, Convert.ToHexStringLower(hash)), Read(keyfile));
        Assert.Equal((KeySlotKind.PassphraseAndKeyfile, Convert.ToHexStringLower(hash) + "616263"), Read(both));
    }

    // Goal: empty and endless passphrases and hashes of another length are refused.
    // Method: values just beyond the bounds.
    [Fact]
    public void Lengths_are_checked()
    {
        Credential.FromPassphrase(new byte[1024]).Dispose();
        Assert.Throws<ArgumentOutOfRangeException>(() => Credential.FromPassphrase([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Credential.FromPassphrase(new byte[1025]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Credential.FromKeyfile(new byte[31]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Credential.FromPassphraseAndKeyfile([], new byte[32]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Credential.FromPassphraseAndKeyfile("a"u8, new byte[33]));
    }

    // Goal: a disposed secret cannot be read. Method: dispose and ask.
    [Fact]
    public void Disposed_secrets_are_gone()
    {
        Credential credential = Credential.FromPassphrase("abc"u8);
        credential.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Read(credential));
        MasterKey key = MasterKey.Generate(new SeededRandom(1));
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Export(new byte[32]));
    }

    // Goal: a master key survives the way to the server process. Method: export and import.
    [Fact]
    public void Master_keys_export_and_import()
    {
        using MasterKey key = MasterKey.Generate(new SeededRandom(1));
        byte[] first = new byte[MasterKey.SizeBytes];
        byte[] second = new byte[MasterKey.SizeBytes];
        key.Export(first);
        using MasterKey copy = MasterKey.Import(first);
        copy.Export(second);

        Assert.Equal(first, second);
        Assert.Contains(first, b => b != 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => MasterKey.Import(new byte[31]));
        Assert.Throws<ArgumentOutOfRangeException>(() => key.Export(new byte[33]));
    }

    private static (KeySlotKind Kind, string Bytes) Read(Credential credential)
    {
        using SecretBuffer.Lease lease = credential.Borrow();
        return (credential.Kind, Convert.ToHexStringLower(lease.Span));
    }
}
