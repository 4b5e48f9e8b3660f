using System.Text;

namespace Vault.Crypto.Tests;

/// <summary>Published vectors through the cipher contexts that seal and open units.</summary>
public sealed class AeadKnownAnswerTests
{
    private const string Sunscreen =
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";

    /// <summary>key, nonce, associated data, plaintext, ciphertext, tag.</summary>
    public static TheoryData<string, string, string, string, string, string> Aes256GcmVectors => new()
    {
        // NIST CAVP gcmtestvectors, gcmEncryptExtIV256.rsp: IVlen 96, PTlen 0 and 128, AADlen 0, Taglen 128, count 0.
        { "b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4", "516c33929df5a3284ff463d7", "", "", "", "bdc1ac884d332457a1d2664f168c76f0" },
        {
            "31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22", "0d18e06c7c725ac9e362e1ce", "",
            "2db5168e932556f8089a0622981d017d", "fa4362189661d163fcd6a56d8bf0405a", "d636ac1bbedd5cc3ee727dc2ab4a9489"
        },

        // The GCM specification submitted to NIST (McGrew, Viega), appendix B, test cases 13 to 16.
        {
            "0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "", "",
            "530f8afbc74536b9a963b4f1c4cb738b"
        },
        {
            "0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "",
            "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"
        },
        {
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
            "b094dac5d93471bdec1a502270e3cc6c"
        },
        {
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
            "76fc6ece0f4e1768cddf8853bb2d551b"
        },
    };

    // Goal: AES-256-GCM is NIST's. Method: seal and open published vectors.
    [Theory]
    [MemberData(nameof(Aes256GcmVectors))]
    public void Aes_256_gcm(string key, string nonce, string associatedData, string plaintext, string ciphertext, string tag) =>
        CheckBothWays(CipherSuite.Aes256Gcm, key, nonce, associatedData, Convert.FromHexString(plaintext), ciphertext, tag);

    // Goal: ChaCha20-Poly1305 is RFC 8439's. Method: seal and open the vector of section 2.8.2.
    [Fact]
    public void ChaCha20_poly1305_of_rfc_8439_section_2_8_2() => CheckBothWays(
        CipherSuite.ChaCha20Poly1305,
        "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
        "070000004041424344454647",
        "50515253c0c1c2c3c4c5c6c7",
        Encoding.ASCII.GetBytes(Sunscreen),
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
        + "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116",
        "1ae10b594f09e26a7e902ecbd0600691");

    // Goal: as above, for opening. Method: RFC 8439, appendix A.5; the tag decides, the text is compared where it begins.
    [Fact]
    public void ChaCha20_poly1305_of_rfc_8439_appendix_A_5()
    {
        byte[] ciphertext = Convert.FromHexString(
            "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e382d26b0bdb7b73c321b0100d4f03b7f355894cf"
            + "332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c8559797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4"
            + "b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a"
            + "0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a1049e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29"
            + "a6ad5cb4022b02709b");
        byte[] plaintext = new byte[ciphertext.Length];
        using Aead context = Aead.Create(
            CipherSuite.ChaCha20Poly1305, Convert.FromHexString("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0"));

        Assert.True(context.TryOpen(
            Convert.FromHexString("000000000102030405060708"),
            ciphertext,
            Convert.FromHexString("eead9d67890cbb22392336fea1851f38"),
            plaintext,
            Convert.FromHexString("f33388860000000000004e91")));
        Assert.StartsWith("Internet-Drafts are draft documents valid for a maximum of six months", Encoding.UTF8.GetString(plaintext), StringComparison.Ordinal);
    }

    private static void CheckBothWays(CipherSuite suite, string key, string nonce, string associatedData, byte[] plaintext, string ciphertext, string tag)
    {
        using Aead context = Aead.Create(suite, Convert.FromHexString(key));
        byte[] nonceBytes = Convert.FromHexString(nonce);
        byte[] associatedBytes = Convert.FromHexString(associatedData);
        byte[] sealedBytes = new byte[plaintext.Length];
        byte[] sealedTag = new byte[Aead.TagSize];
        context.Seal(nonceBytes, plaintext, sealedBytes, sealedTag, associatedBytes);
        Assert.Equal(ciphertext, Convert.ToHexStringLower(sealedBytes));
        Assert.Equal(tag, Convert.ToHexStringLower(sealedTag));

        byte[] opened = new byte[plaintext.Length];
        Assert.True(context.TryOpen(nonceBytes, sealedBytes, sealedTag, opened, associatedBytes));
        Assert.Equal(plaintext, opened);
        sealedTag[0] ^= 1;
        Assert.False(context.TryOpen(nonceBytes, sealedBytes, sealedTag, opened, associatedBytes));
    }
}
