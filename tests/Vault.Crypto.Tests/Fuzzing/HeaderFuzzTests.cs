using Vault.Testing.Fuzzing;

namespace Vault.Crypto.Tests.Fuzzing;

/// <summary>Headers and key slots, as damaged, as forged without a key, and as sealed with the key by a bug of ours.</summary>
public sealed class HeaderFuzzTests(ITestOutputHelper output) : IDisposable
{
    private readonly TestHeader _passphrase = new();
    private readonly TestHeader _keyfile = new(Credential.FromKeyfile(new byte[32]), TestHeader.Options with { Suite = CipherSuite.ChaCha20Poly1305 });

    public void Dispose()
    {
        _passphrase.Dispose();
        _keyfile.Dispose();
    }

    [Fact]
    [Trait("fuzz", "header")]
    public void Headers() => new Fuzzer("header", input => ParseHeader(input), output.WriteLine) { Seeds = [_passphrase.Bytes, _keyfile.Bytes] }.Run();

    [Fact]
    [Trait("fuzz", "key-slot")]
    public void Key_slots() => new Fuzzer("key-slot", input => ParseSlot(input), output.WriteLine)
    {
        Seeds = [KeySlot.Of(_passphrase.Bytes, 0).ToArray(), KeySlot.Of(_keyfile.Bytes, 0).ToArray()],
        KeepsLength = true,
    }.Run();

    // As it is, with a right checksum, with a right MAC too.
    private ((HeaderDefect, UnlockOutcome?) Raw, (HeaderDefect, UnlockOutcome?) Forged, (HeaderDefect, UnlockOutcome?) Sealed) ParseHeader(byte[] input)
    {
        (HeaderDefect, UnlockOutcome?) raw = Try(input);
        if (input.Length < VaultHeader.SizeBytes)
            return (raw, raw, raw);
        byte[] altered = (byte[])input.Clone();
        HeaderMac.WriteChecksum(altered);
        (HeaderDefect, UnlockOutcome?) forged = Try(altered);
        HeaderMac.Write(altered, _passphrase.Master);
        return (raw, forged, Try(altered));
    }

    // In the slot that its last byte says, of a header that is right otherwise.
    private ((HeaderDefect, UnlockOutcome?) Forged, (HeaderDefect, UnlockOutcome?) Sealed) ParseSlot(byte[] input)
    {
        byte[] header = (byte[])_passphrase.Bytes.Clone();
        int index = input[^1] % HeaderLayout.SlotCount;
        input.AsSpan(0, KeySlotLayout.Size).CopyTo(header.AsSpan(HeaderLayout.SlotsOffset + (index * KeySlotLayout.Size)));
        HeaderMac.WriteChecksum(header);
        (HeaderDefect, UnlockOutcome?) forged = Try(header);
        HeaderMac.Write(header, _passphrase.Master);
        return (forged, Try(header));
    }

    // Asks for no more than the bounds, and opens only what was sealed: TestHeader compares the key that comes out.
    private (HeaderDefect Defect, UnlockOutcome? Outcome) Try(byte[] bytes)
    {
        if (UnverifiedHeader.TryParse(bytes, out UnverifiedHeader? header) == HeaderDefect.None)
        {
            Assert.All(header!.Slots, slot => Assert.True(slot.Argon2.IsWithinBounds));
            Assert.InRange(header.ChunkSizeBytes, 4096, 128 * 1024);
            _ = header.TryUnlock(_keyfile.Credential, _keyfile.Deriver, out MasterKey? master);
            master?.Dispose();
        }

        return _passphrase.Try(bytes);
    }
}
