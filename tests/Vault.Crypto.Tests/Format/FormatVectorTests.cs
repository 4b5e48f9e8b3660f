using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Vault.Crypto.Tests;

/// <summary>
/// A second reader of the format: decodes what the product wrote by the offsets and labels of docs/format, with the
/// framework's primitives only. And frozen bytes: if one of these changes, old vaults no longer open.
/// </summary>
public sealed class FormatVectorTests
{
    private static readonly byte[] Master = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] IdBytes = Convert.FromHexString("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
    private static readonly byte[] SaltBytes = Convert.FromHexString("101112131415161718191a1b1c1d1e1f");
    private static readonly VaultId Id = new(BinaryPrimitives.ReadUInt128LittleEndian(IdBytes));

    // Goal: a unit is sealed as docs/format/sealing.md says, for each kind and suite.
    // Method: seal with the product, open by hand.
    [Theory]
    [InlineData(CipherSuite.Aes256Gcm)]
    [InlineData(CipherSuite.ChaCha20Poly1305)]
    public void Units_open_by_the_document_alone(CipherSuite suite)
    {
        string[] labels = ["", "vaultfs v1 page", "vaultfs v1 page", "vaultfs v1 chunk", "vaultfs v1 space map", "vaultfs v1 space map", "vaultfs v1 log"];
        using MasterKey master = MasterKey.Import(Master);
        using VaultCipher cipher = new(master, Id, suite);
        using SealingSession session = new(cipher, new FixedRandom(SaltBytes));
        byte[] plaintext = Encoding.ASCII.GetBytes("sixteen bytes + some more");
        foreach (SealKind kind in Enum.GetValues<SealKind>())
        {
            byte[] sealedBytes = new byte[plaintext.Length];
            byte[] stored = new byte[SealStamp.SizeBytes];
            SealStamp stamp = session.Seal(kind, plaintext, sealedBytes);
            MemoryMarshal.Write(stored, stamp);

            Assert.Equal(SaltBytes, stored[..16]);
            Assert.Equal((ulong)kind, BinaryPrimitives.ReadUInt64LittleEndian(stored.AsSpan(16)));
            byte[] key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Master, 32, stored[..16], Encoding.ASCII.GetBytes(labels[(int)kind]));
            byte[] nonce = [0, 0, 0, 0, .. stored[16..24]];
            Assert.Equal(plaintext, OpenRaw(suite, key, nonce, sealedBytes, stored[24..], [.. IdBytes, (byte)kind]));
        }
    }

    // Goal: the bytes of the format do not change unnoticed.
    // Method: the first chunk of a fixed session; expected values from Node.js (OpenSSL) by the document.
    [Theory]
    [InlineData(CipherSuite.Aes256Gcm, "6dbf25eda9259cc9f16907397c3cd65805ae3cab0eb2e110f2", "3aea51864146e12eb5347ce93c8d67c8")]
    [InlineData(CipherSuite.ChaCha20Poly1305, "cf720bb65e2ad28d0fa73424c36b2f9ae1aea02eb960b164fe", "ef7f6abc893942108aa5e9c0258f95f6")]
    public void Frozen_unit(CipherSuite suite, string ciphertext, string tag)
    {
        using MasterKey master = MasterKey.Import(Master);
        using VaultCipher cipher = new(master, Id, suite);
        using SealingSession session = new(cipher, new FixedRandom(SaltBytes));
        byte[] sealedBytes = new byte[25];
        byte[] stored = new byte[SealStamp.SizeBytes];
        MemoryMarshal.Write(stored, session.Seal(SealKind.Chunk, "sixteen bytes + some more"u8, sealedBytes));

        Assert.Equal(ciphertext, Convert.ToHexStringLower(sealedBytes));
        Assert.Equal("101112131415161718191a1b1c1d1e1f" + "0100000000000000" + tag, Convert.ToHexStringLower(stored));
    }

    // Goal: superblock slots follow the document. Method: seal with the product, open by hand.
    [Fact]
    public void Superblocks_open_by_the_document_alone()
    {
        using MasterKey master = MasterKey.Import(Master);
        using VaultCipher cipher = new(master, Id, CipherSuite.Aes256Gcm);
        byte[] plaintext = RandomNumberGenerator.GetBytes(VaultCipher.SuperblockPlaintextSize);
        byte[] slot = new byte[4096];
        cipher.SealSuperblock(5, plaintext, slot, RandomSource.System);

        byte[] superblockKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, Master, 32, [], Encoding.ASCII.GetBytes("vaultfs v1 superblock"));
        byte[] slotKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, superblockKey, 32, slot[..32], Encoding.ASCII.GetBytes("vaultfs v1 superblock slot"));
        byte[] associatedData = [.. IdBytes, .. Encoding.ASCII.GetBytes("superblock"), 5];
        Assert.Equal(plaintext, OpenRaw(CipherSuite.Aes256Gcm, slotKey, new byte[12], slot[48..], slot[32..48], associatedData));
    }

    // Goal: hashes of names follow the document, and stay as they are. Method: HMAC by hand, and one value computed with Node.js.
    [Fact]
    public void Names_hash_by_the_document_alone()
    {
        using MasterKey master = MasterKey.Import(Master);
        using VaultCipher cipher = new(master, Id, CipherSuite.Aes256Gcm);
        byte[] key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Master, 32, [], Encoding.ASCII.GetBytes("vaultfs v1 name"));
        byte[] expected = [.. HMACSHA256.HashData(key, "readme.txt"u8)[..7], 0];

        Assert.Equal(BinaryPrimitives.ReadUInt64LittleEndian(expected), cipher.HashName("readme.txt"u8));
        Assert.Equal("5c6671b90ac493", cipher.HashName("readme.txt"u8).ToString("x14"));
    }

    // Goal: a header follows the document: fields, key slot, MAC and checksum.
    // Method: create with the product (Argon2id at the least cost), read at literal offsets.
    [Fact]
    public void Headers_open_by_the_document_alone()
    {
        using MasterKey master = MasterKey.Import(Master);
        using Credential credential = Credential.FromPassphrase("pass"u8);
        byte[] h = new byte[4096];
        VaultHeader header = VaultHeader.Create(
            new HeaderOptions(32768, CipherSuite.ChaCha20Poly1305, new Argon2Parameters(65536, 1, 2)), master, credential, RandomSource.System);
        header.WriteTo(h);

        Assert.Equal("8956" + "41554c544653" + "0100" + "02" + "00" + "00100000" + "00800000" + "00000000", Convert.ToHexStringLower(h[..24]));
        Assert.Equal(header.Id.ToString(), Convert.ToHexStringLower(h[24..40]));
        Assert.Equal("0100000000000000", Convert.ToHexStringLower(h[40..48]));
        byte[] slot = h[256..512];
        Assert.Equal("01" + "13" + "0000" + "00000100" + "01000000" + "02000000", Convert.ToHexStringLower(slot[..16]));
        Assert.DoesNotContain(h[512..4032], b => b != 0);

        byte[] secret = new byte[32];
        Argon2id.DeriveUnchecked("pass"u8, slot.AsSpan(16, 32), new Argon2Parameters(65536, 1, 2), secret);
        byte[] commitment = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, [], Encoding.ASCII.GetBytes("vaultfs v1 slot commitment"));
        byte[] wrapKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, [], Encoding.ASCII.GetBytes("vaultfs v1 slot wrap"));
        Assert.Equal(commitment, slot[48..80]);
        byte[] associatedData = [.. h[..40], 0, .. slot[..48]];
        Assert.Equal(Master, OpenRaw(CipherSuite.Aes256Gcm, wrapKey, new byte[12], slot[80..112], slot[112..128], associatedData));

        byte[] macKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, Master, 32, [], Encoding.ASCII.GetBytes("vaultfs v1 header mac"));
        Assert.Equal(HMACSHA256.HashData(macKey, h[..4032]), h[4032..4064]);
        Assert.Equal(SHA256.HashData(h[..4064]), h[4064..]);
    }

    private static byte[] OpenRaw(CipherSuite suite, byte[] key, byte[] nonce, byte[] ciphertext, byte[] tag, byte[] associatedData)
    {
        byte[] plaintext = new byte[ciphertext.Length];
        if (suite == CipherSuite.Aes256Gcm)
        {
            using AesGcm cipher = new(key, 16);
            cipher.Decrypt(nonce, ciphertext, tag, plaintext, associatedData);
        }
        else
        {
            using ChaCha20Poly1305 cipher = new(key);
            cipher.Decrypt(nonce, ciphertext, tag, plaintext, associatedData);
        }

        return plaintext;
    }

    private sealed class FixedRandom(byte[] bytes) : RandomSource
    {
        public override void Fill(Span<byte> destination) => bytes.CopyTo(destination);
    }
}
