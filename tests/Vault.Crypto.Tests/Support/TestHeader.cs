namespace Vault.Crypto.Tests;

/// <summary>A header made from a seed, with what opens it.</summary>
internal sealed class TestHeader : IDisposable
{
    public static readonly HeaderOptions Options = new(32 * 1024, CipherSuite.Aes256Gcm, new Argon2Parameters(64 * 1024, 3, 4));

    public TestHeader(Credential? credential = null, HeaderOptions? options = null, ISlotKeyDeriver? deriver = null)
    {
        SeededRandom random = new(1);
        Master = MasterKey.Generate(random);
        Credential = credential ?? Credential.FromPassphrase("correct horse"u8);
        Header = VaultHeader.Create(options ?? Options, Master, Credential, random, deriver ?? Deriver);
        Bytes = new byte[VaultHeader.SizeBytes];
        Header.WriteTo(Bytes);
    }

    public CheapDeriver Deriver { get; } = new();

    public MasterKey Master { get; }

    public Credential Credential { get; }

    public VaultHeader Header { get; }

    public byte[] Bytes { get; }

    public static UnverifiedHeader Parse(ReadOnlySpan<byte> bytes)
    {
        Assert.Equal(HeaderDefect.None, UnverifiedHeader.TryParse(bytes, out UnverifiedHeader? header));
        return header!;
    }

    /// <summary>What an attacker can do without any key: change bytes and mend the checksum.</summary>
    public byte[] Altered(Action<byte[]> change)
    {
        byte[] altered = [.. Bytes];
        change(altered);
        HeaderMac.WriteChecksum(altered);
        return altered;
    }

    /// <summary>Parses and unlocks with the right credential; a master key that comes out is compared and disposed of.</summary>
    public (HeaderDefect Defect, UnlockOutcome? Outcome) Try(ReadOnlySpan<byte> bytes, Credential? credential = null)
    {
        HeaderDefect defect = UnverifiedHeader.TryParse(bytes, out UnverifiedHeader? header);
        if (header is null)
            return (defect, null);
        UnlockOutcome outcome = header.TryUnlock(credential ?? Credential, Deriver, out MasterKey? master);
        Assert.Equal(outcome == UnlockOutcome.Unlocked, master is not null);
        if (master is not null)
        {
            Assert.NotNull(header.TryVerify(master));
            byte[] expected = new byte[MasterKey.SizeBytes];
            byte[] actual = new byte[MasterKey.SizeBytes];
            Master.Export(expected);
            master.Export(actual);
            Assert.Equal(expected, actual);
            master.Dispose();
        }

        return (defect, outcome);
    }

    public void Dispose()
    {
        Master.Dispose();
        Credential.Dispose();
    }
}
