namespace Vault.Crypto.Tests;

public sealed class SuperblockSealerTests
{
    private const int SlotSize = 4096;

    public static TheoryData<CipherSuite> Suites => UnitCodecTests.Suites;

    // Goal: a superblock opens in its own slot of its own vault only.
    // Method: open at each slot index and under another id.
    [Theory]
    [MemberData(nameof(Suites))]
    public void A_superblock_opens_only_where_it_was_sealed(CipherSuite suite)
    {
        using TestVault vault = new(suite);
        using VaultCipher otherId = new(vault.Master, new VaultId(1), suite);
        byte[] plaintext = vault.RandomBytes(VaultCipher.SuperblockPlaintextSize);
        byte[] slot = new byte[SlotSize];
        byte[] opened = new byte[VaultCipher.SuperblockPlaintextSize];
        vault.Cipher.SealSuperblock(3, plaintext, slot, new SeededRandom(9));

        for (int i = 0; i < 8; i++)
            Assert.Equal(i == 3, vault.Cipher.TryOpenSuperblock(i, slot, opened));
        Assert.False(otherId.TryOpenSuperblock(3, slot, opened));
        Assert.True(vault.Cipher.TryOpenSuperblock(3, slot, opened));
        Assert.Equal(plaintext, opened);
    }

    // Goal: every bit of a slot is protected: salt, tag and ciphertext.
    // Method: flip each bit in turn. Exhaustive.
    [Fact]
    public void TryOpenSuperblock_rejects_every_single_bit_flip()
    {
        using TestVault vault = new(CipherSuite.Aes256Gcm);
        byte[] slot = new byte[SlotSize];
        byte[] opened = new byte[VaultCipher.SuperblockPlaintextSize];
        vault.Cipher.SealSuperblock(0, vault.RandomBytes(opened.Length), slot, new SeededRandom(9));

        for (int bit = 0; bit < SlotSize * 8; bit++)
        {
            slot[bit / 8] ^= (byte)(1 << (bit % 8));
            opened.AsSpan().Fill(0xAA);
            Assert.False(vault.Cipher.TryOpenSuperblock(0, slot, opened), $"bit {bit}");
            Assert.False(opened.AsSpan().ContainsAnyExcept((byte)0), $"bit {bit} left bytes in the destination");
            slot[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.True(vault.Cipher.TryOpenSuperblock(0, slot, opened));
    }

    // Goal: sealing the same superblock twice gives different bytes: the salt is fresh, the zero nonce never repeats a key.
    // Method: compare salts and ciphertexts of two slots.
    [Fact]
    public void Each_superblock_has_a_salt_of_its_own()
    {
        using TestVault vault = new(CipherSuite.Aes256Gcm);
        byte[] plaintext = new byte[VaultCipher.SuperblockPlaintextSize];
        byte[] first = new byte[SlotSize];
        byte[] second = new byte[SlotSize];
        SeededRandom random = new(9);
        vault.Cipher.SealSuperblock(0, plaintext, first, random);
        vault.Cipher.SealSuperblock(0, plaintext, second, random);

        Assert.NotEqual(first[..SuperblockSealer.SaltSize], second[..SuperblockSealer.SaltSize]);
        Assert.NotEqual(first[SuperblockSealer.CiphertextOffset..], second[SuperblockSealer.CiphertextOffset..]);
    }
}
