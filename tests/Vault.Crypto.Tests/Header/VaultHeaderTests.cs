using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Vault.Crypto.Tests;

public sealed class VaultHeaderTests
{
    // Goal: a header says the same before and after it was written, and the right credential opens it: with real Argon2id.
    // Method: create with the least cost that the format allows, write, parse, unlock, verify.
    [Fact]
    public void A_written_header_opens_again()
    {
        using TestHeader test = new(options: new(65536, CipherSuite.ChaCha20Poly1305, new Argon2Parameters(64 * 1024, 1, 2)), deriver: Argon2SlotKeyDeriver.Instance);
        UnverifiedHeader parsed = TestHeader.Parse(test.Bytes);
        Assert.Equal(UnlockOutcome.Unlocked, parsed.TryUnlock(test.Credential, out MasterKey? master));
        using (master)
        {
            VaultHeader verified = parsed.TryVerify(master!)!;
            byte[] rewritten = new byte[VaultHeader.SizeBytes];
            verified.WriteTo(rewritten);

            Assert.Equal(test.Bytes, rewritten);
            Assert.Equal(test.Header.Id, verified.Id);
            Assert.Equal((65536, CipherSuite.ChaCha20Poly1305, 1UL), (verified.ChunkSizeBytes, verified.Suite, verified.Sequence));
            Assert.Equal((0UL, 0UL, 0UL), verified.Features);
            Assert.True(verified.AllowsWriting);
            Assert.Equal([new KeySlotInfo(0, KeySlotKind.Passphrase, new Argon2Parameters(64 * 1024, 1, 2))], verified.Slots);
            Assert.Equal((parsed.Id, parsed.ChunkSizeBytes, parsed.Suite, parsed.Sequence), (verified.Id, verified.ChunkSizeBytes, verified.Suite, verified.Sequence));
        }

        using Credential wrong = Credential.FromPassphrase("correct horsf"u8);
        Assert.Equal(UnlockOutcome.WrongCredential, parsed.TryUnlock(wrong, out MasterKey? none));
        Assert.Null(none);
    }

    // Goal: each kind of credential opens its own slot only; another kind is told so without a costly derivation.
    // Method: three vaults, three credentials of the same bytes where possible.
    [Fact]
    public void A_credential_of_another_kind_finds_no_slot()
    {
        byte[] hash = SHA256.HashData("file"u8);
        Func<Credential>[] makers =
        [
            () => Credential.FromPassphrase(hash), () => Credential.FromKeyfile(hash), () => Credential.FromPassphraseAndKeyfile("p"u8, hash),
        ];
        for (int made = 0; made < makers.Length; made++)
        {
            using TestHeader test = new(makers[made]());
            int callsBefore = test.Deriver.CallCount;
            for (int asked = 0; asked < makers.Length; asked++)
            {
                using Credential credential = makers[asked]();
                Assert.Equal((HeaderDefect.None, made == asked ? UnlockOutcome.Unlocked : UnlockOutcome.NoSlotOfKind), test.Try(test.Bytes, credential));
            }

            Assert.Equal(callsBefore + 1, test.Deriver.CallCount);
        }
    }

    // Goal: two vaults, and two wraps of one key under one passphrase, share no salt, id or wrapped bytes.
    // Method: compare two headers over the same master key and credential.
    [Fact]
    public void Each_header_has_an_id_and_a_salt_of_its_own()
    {
        using TestHeader test = new();
        byte[] other = new byte[VaultHeader.SizeBytes];
        VaultHeader.Create(TestHeader.Options, test.Master, test.Credential, new SeededRandom(2), test.Deriver).WriteTo(other);
        foreach ((int offset, int size) in new[]
        {
            (HeaderLayout.VaultIdOffset, 16),
            (HeaderLayout.SlotsOffset + KeySlotLayout.SaltOffset, 32),
            (HeaderLayout.SlotsOffset + KeySlotLayout.CommitmentOffset, 32),
            (HeaderLayout.SlotsOffset + KeySlotLayout.WrappedKeyOffset, 32),
        })
        {
            Assert.NotEqual(test.Bytes[offset..(offset + size)], other[offset..(offset + size)]);
        }
    }

    // Goal: a slot stays where it was sealed. Method: move slot 0 to slot 1, checksum mended.
    [Fact]
    public void A_moved_slot_does_not_open()
    {
        using TestHeader test = new();
        byte[] moved = test.Altered(b =>
        {
            Span<byte> slots = b.AsSpan(HeaderLayout.SlotsOffset, 2 * KeySlotLayout.Size);
            slots[..KeySlotLayout.Size].CopyTo(slots[KeySlotLayout.Size..]);
            slots[..KeySlotLayout.Size].Clear();
        });
        Assert.Equal((HeaderDefect.None, UnlockOutcome.SlotDamaged), test.Try(moved));
    }

    // Goal: what a vault is made of cannot be exchanged: not its suite, chunk size or id, nor the kind of a slot.
    // Method: allowed values for each, checksum mended; for the kind, a credential with the same bytes.
    [Fact]
    public void Exchanged_constants_do_not_open()
    {
        byte[] hash = SHA256.HashData("file"u8);
        using TestHeader test = new(Credential.FromPassphrase(hash));
        (HeaderDefect, UnlockOutcome?) damaged = (HeaderDefect.None, UnlockOutcome.SlotDamaged);
        Assert.Equal(damaged, test.Try(test.Altered(b => b[HeaderLayout.SuiteOffset] = (byte)CipherSuite.ChaCha20Poly1305)));
        Assert.Equal(damaged, test.Try(test.Altered(b => BinaryPrimitives.WriteUInt32LittleEndian(b.AsSpan(HeaderLayout.ChunkSizeOffset), 4096))));
        Assert.Equal(damaged, test.Try(test.Altered(b => b.AsSpan(HeaderLayout.VaultIdOffset, VaultId.SizeBytes).Clear())));
        using Credential keyfile = Credential.FromKeyfile(hash);
        Assert.Equal(damaged, test.Try(test.Altered(b => b[HeaderLayout.SlotsOffset] = (byte)KeySlotKind.Keyfile), keyfile));
    }

    // Goal: one slot that is damaged does not keep another from opening; and then the MAC still notices the change.
    // Method: slot 0 damaged and copied aside, the whole slot in place 1: the first that opens decides, by the MAC.
    [Fact]
    public void A_damaged_slot_does_not_hide_a_good_one()
    {
        using TestHeader test = new();
        byte[] bytes = test.Altered(b =>
        {
            KeySlot.Write(b, index: 1, TestHeader.Options.Argon2, test.Master, test.Credential, new SeededRandom(5), test.Deriver);
            b[HeaderLayout.SlotsOffset + KeySlotLayout.WrapTagOffset] ^= 1;
        });
        Assert.Equal((HeaderDefect.None, UnlockOutcome.Forged), test.Try(bytes));
        HeaderMac.Write(bytes, test.Master);
        Assert.Equal((HeaderDefect.None, UnlockOutcome.Unlocked), test.Try(bytes));
    }

    // Goal: every slot can be used, so that slots can be added without another format.
    // Method: fill all eight with passphrases of their own; each opens, in order.
    [Fact]
    public void Eight_slots_open_each_with_its_own_credential()
    {
        using TestHeader test = new();
        Credential[] credentials = [.. Enumerable.Range(0, HeaderLayout.SlotCount).Select(i => Credential.FromPassphrase([(byte)(i + 1)]))];
        byte[] bytes = [.. test.Bytes];
        for (int i = 0; i < credentials.Length; i++)
            KeySlot.Write(bytes, i, TestHeader.Options.Argon2, test.Master, credentials[i], new SeededRandom(i), test.Deriver);
        HeaderMac.Write(bytes, test.Master);

        Assert.Equal(HeaderLayout.SlotCount, TestHeader.Parse(bytes).Slots.Count);
        foreach (Credential credential in credentials)
        {
            using (credential)
                Assert.Equal((HeaderDefect.None, UnlockOutcome.Unlocked), test.Try(bytes, credential));
        }

        Assert.Equal((HeaderDefect.None, UnlockOutcome.WrongCredential), test.Try(bytes));
    }

    // Goal: a header that asks for too much is refused before anything is derived.
    // Method: each cost out of bounds, with the checksum mended; the deriver counts its calls.
    [Theory]
    [InlineData(KeySlotLayout.MemoryKibOffset, 0xFFFFFFFF)]
    [InlineData(KeySlotLayout.MemoryKibOffset, 1)]
    [InlineData(KeySlotLayout.IterationsOffset, 65)]
    [InlineData(KeySlotLayout.IterationsOffset, 0)]
    [InlineData(KeySlotLayout.LanesOffset, 17)]
    public void Costs_out_of_bounds_are_a_bad_field(int offset, uint value)
    {
        using TestHeader test = new();
        int callsBefore = test.Deriver.CallCount;
        byte[] hostile = test.Altered(b => BinaryPrimitives.WriteUInt32LittleEndian(b.AsSpan(HeaderLayout.SlotsOffset + offset), value));
        Assert.Equal((HeaderDefect.BadField, null), test.Try(hostile));
        Assert.Equal(callsBefore, test.Deriver.CallCount);
    }

    // Goal: an unknown feature refuses the vault by name; unknown compatible ones do not, and survive.
    // Method: set bits in each word, MAC mended as a newer program would.
    [Fact]
    public void Feature_words_decide_who_may_open()
    {
        using TestHeader test = new();
        byte[] incompatible = test.Altered(b => b[HeaderLayout.IncompatibleOffset + 1] = 0x21);
        Assert.Equal((HeaderDefect.UnknownFeature, null), test.Try(incompatible));
        Assert.Equal(0x2100UL, UnverifiedHeader.UnknownFeatures(incompatible));

        byte[] newer = [.. test.Bytes];
        newer[HeaderLayout.CompatibleOffset] = 1;
        HeaderMac.Write(newer, test.Master);
        VaultHeader compatible = TestHeader.Parse(newer).TryVerify(test.Master)!;
        Assert.True(compatible.AllowsWriting);

        newer[HeaderLayout.ReadOnlyCompatibleOffset] = 2;
        HeaderMac.Write(newer, test.Master);
        VaultHeader readOnly = TestHeader.Parse(newer).TryVerify(test.Master)!;
        Assert.False(readOnly.AllowsWriting);
        Assert.Equal((1UL, 2UL, 0UL), readOnly.Features);
    }

    // Goal: a later format is told apart from damage. Method: another version with a right checksum.
    [Fact]
    public void A_later_version_is_named()
    {
        using TestHeader test = new();
        byte[] later = test.Altered(b => b[HeaderLayout.VersionOffset] = 2);
        Assert.Equal((HeaderDefect.UnknownVersion, null), test.Try(later));
        Assert.Equal(2, UnverifiedHeader.FormatVersionOf(later));
    }

    // Goal: short and foreign input is not a vault, and longer input is read by its first 4096 bytes.
    // Method: every length below a header's, zeros, text, and a header with bytes after it.
    [Fact]
    public void Short_and_foreign_bytes_are_not_a_vault()
    {
        using TestHeader test = new();
        for (int length = 0; length < VaultHeader.SizeBytes; length++)
            Assert.Equal(HeaderDefect.NotAVault, UnverifiedHeader.TryParse(test.Bytes.AsSpan(0, length), out _));
        Assert.Equal(HeaderDefect.NotAVault, UnverifiedHeader.TryParse(new byte[8192], out _));
        Assert.Equal(HeaderDefect.None, UnverifiedHeader.TryParse([.. test.Bytes, 1, 2, 3], out _));
    }

    // Goal: another vault's master key does not verify a header. Method: a key from another seed.
    [Fact]
    public void TryVerify_refuses_another_master_key()
    {
        using TestHeader test = new();
        using MasterKey other = MasterKey.Generate(new SeededRandom(99));
        Assert.Null(TestHeader.Parse(test.Bytes).TryVerify(other));
        Assert.NotNull(TestHeader.Parse(test.Bytes).TryVerify(test.Master));
    }

    // Goal: a vault that could not be read back is never made. Method: each option out of bounds.
    [Fact]
    public void Create_refuses_what_the_format_does_not_allow()
    {
        HeaderOptions good = TestHeader.Options;
        foreach (HeaderOptions bad in new[]
        {
            good with { ChunkSizeBytes = 2048 }, good with { ChunkSizeBytes = 256 * 1024 }, good with { ChunkSizeBytes = 12288 },
            good with { ChunkSizeBytes = 0 }, good with { ChunkSizeBytes = int.MinValue }, good with { Suite = 0 }, good with { Suite = (CipherSuite)3 },
            good with { Argon2 = new Argon2Parameters(1024, 1, 1) },
        })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new TestHeader(options: bad));
        }
    }
}
