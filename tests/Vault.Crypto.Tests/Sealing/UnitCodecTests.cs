using System.Runtime.InteropServices;

namespace Vault.Crypto.Tests;

public sealed class UnitCodecTests
{
    private const int UnitSize = 4096;

    public static TheoryData<CipherSuite> Suites => new(CipherSuite.Aes256Gcm, CipherSuite.ChaCha20Poly1305);

    // Goal: what was sealed comes back, for every kind and for lengths around block boundaries.
    // Method: seal and open random bytes; the ciphertext must differ from the plaintext.
    [Theory]
    [MemberData(nameof(Suites))]
    public void Open_returns_what_was_sealed(CipherSuite suite)
    {
        using TestVault vault = new(suite);
        foreach (SealKind kind in Enum.GetValues<SealKind>())
        {
            foreach (int length in new[] { 0, 1, 15, 16, 17, 512, 4095, 4096, 131072 })
            {
                byte[] plaintext = vault.RandomBytes(length);
                byte[] sealedBytes = new byte[length];
                byte[] opened = new byte[length];
                SealStamp stamp = vault.Session.Seal(kind, plaintext, sealedBytes);

                Assert.True(vault.Cipher.TryOpen(kind, stamp, sealedBytes, opened));
                Assert.Equal(plaintext, opened);
                if (length >= 16)
                    Assert.NotEqual(plaintext, sealedBytes);
            }
        }
    }

    // Goal: no bit of a sealed unit lies outside the tag's protection, and unauthenticated bytes are never released.
    // Method: flip each bit in turn. Exhaustive, so there is no seed to report.
    [Theory]
    [MemberData(nameof(Suites))]
    public void TryOpen_rejects_every_single_bit_flip_of_the_unit(CipherSuite suite)
    {
        using TestVault vault = new(suite);
        byte[] sealedBytes = new byte[UnitSize];
        byte[] opened = new byte[UnitSize];
        SealStamp stamp = vault.Session.Seal(SealKind.Chunk, vault.RandomBytes(UnitSize), sealedBytes);

        for (int bit = 0; bit < UnitSize * 8; bit++)
        {
            sealedBytes[bit / 8] ^= (byte)(1 << (bit % 8));
            opened.AsSpan().Fill(0xAA);
            Assert.False(vault.Cipher.TryOpen(SealKind.Chunk, stamp, sealedBytes, opened), $"bit {bit}");
            Assert.False(opened.AsSpan().ContainsAnyExcept((byte)0), $"bit {bit} left bytes in the destination");
            sealedBytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.True(vault.Cipher.TryOpen(SealKind.Chunk, stamp, sealedBytes, opened));
    }

    // Goal: a stamp opens exactly the unit that it was made for.
    // Method: flip each of the stamp's 320 bits.
    [Theory]
    [MemberData(nameof(Suites))]
    public void TryOpen_rejects_every_single_bit_flip_of_the_stamp(CipherSuite suite)
    {
        using TestVault vault = new(suite);
        byte[] sealedBytes = new byte[UnitSize];
        byte[] opened = new byte[UnitSize];
        SealStamp stamp = vault.Session.Seal(SealKind.Leaf, vault.RandomBytes(UnitSize), sealedBytes);
        Span<byte> stored = stackalloc byte[SealStamp.SizeBytes];
        MemoryMarshal.Write(stored, stamp);

        for (int bit = 0; bit < SealStamp.SizeBytes * 8; bit++)
        {
            stored[bit / 8] ^= (byte)(1 << (bit % 8));
            opened.AsSpan().Fill(0xAA);
            Assert.False(vault.Cipher.TryOpen(SealKind.Leaf, MemoryMarshal.Read<SealStamp>(stored), sealedBytes, opened), $"bit {bit}");
            Assert.False(opened.AsSpan().ContainsAnyExcept((byte)0), $"bit {bit} left bytes in the destination");
            stored[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    // Goal: nothing can be taken for another kind, not even where two kinds share a key.
    // Method: every pair of kinds.
    [Theory]
    [MemberData(nameof(Suites))]
    public void TryOpen_rejects_every_other_kind(CipherSuite suite)
    {
        using TestVault vault = new(suite);
        byte[] sealedBytes = new byte[512];
        byte[] opened = new byte[512];
        foreach (SealKind made in Enum.GetValues<SealKind>())
        {
            SealStamp stamp = vault.Session.Seal(made, vault.RandomBytes(512), sealedBytes);
            foreach (SealKind asked in Enum.GetValues<SealKind>())
                Assert.Equal(made == asked, vault.Cipher.TryOpen(asked, stamp, sealedBytes, opened));
        }
    }

    // Goal: a unit belongs to one vault, even if another has the same master key.
    // Method: the same key and salt under another id, and the same id under another key.
    [Theory]
    [MemberData(nameof(Suites))]
    public void TryOpen_rejects_a_unit_of_another_vault(CipherSuite suite)
    {
        using TestVault vault = new(suite);
        using TestVault otherKey = new(suite, seed: 2);
        using VaultCipher otherId = new(vault.Master, new VaultId(TestVault.Id.Value ^ 1), suite);
        byte[] sealedBytes = new byte[512];
        byte[] opened = new byte[512];
        SealStamp stamp = vault.Session.Seal(SealKind.Chunk, vault.RandomBytes(512), sealedBytes);

        Assert.True(vault.Cipher.TryOpen(SealKind.Chunk, stamp, sealedBytes, opened));
        Assert.False(otherId.TryOpen(SealKind.Chunk, stamp, sealedBytes, opened));
        Assert.False(otherKey.Cipher.TryOpen(SealKind.Chunk, stamp, sealedBytes, opened));
    }

    // Goal: callers cannot damage data by passing the wrong spans.
    // Method: lengths that differ, overlapping spans, a kind that does not exist.
    [Fact]
    public void Seal_and_TryOpen_refuse_bad_spans_and_kinds()
    {
        using TestVault vault = new(CipherSuite.Aes256Gcm);
        byte[] buffer = new byte[64];
        Assert.Throws<ArgumentException>(() => vault.Session.Seal(SealKind.Chunk, new byte[32], new byte[33]));
        Assert.Throws<ArgumentException>(() => vault.Session.Seal(SealKind.Chunk, buffer.AsSpan(0, 32), buffer.AsSpan(16, 32)));
        Assert.Throws<ArgumentOutOfRangeException>(() => vault.Session.Seal((SealKind)7, new byte[32], new byte[32]));
        Assert.Throws<ArgumentException>(() => vault.Cipher.TryOpen(SealKind.Chunk, default, buffer, buffer));
        Assert.Throws<ArgumentOutOfRangeException>(() => vault.Cipher.TryOpen(0, default, new byte[32], new byte[32]));
    }

    // Goal: sealing, opening and name hashing allocate nothing managed once warm.
    // Method: count this thread's allocated bytes over many calls.
    [Theory]
    [MemberData(nameof(Suites))]
    public void Seal_open_and_HashName_allocate_nothing(CipherSuite suite)
    {
        using TestVault vault = new(suite);
        byte[] plaintext = vault.RandomBytes(UnitSize);
        byte[] sealedBytes = new byte[UnitSize];
        bool allOpened = Round(vault, plaintext, sealedBytes, 100);

        long before = GC.GetAllocatedBytesForCurrentThread();
        allOpened &= Round(vault, plaintext, sealedBytes, 1000);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(allOpened);
        Assert.Equal(0, allocated);
    }

    // Goal: a directory's keys do not depend on the session, differ between vaults, and fit 56 bits.
    // Method: two ciphers of one master key, one of another; many names.
    [Fact]
    public void HashName_is_a_stable_56_bit_function_of_key_and_name()
    {
        using TestVault vault = new(CipherSuite.Aes256Gcm);
        using TestVault other = new(CipherSuite.Aes256Gcm, seed: 2);
        using VaultCipher again = new(vault.Master, TestVault.Id, CipherSuite.Aes256Gcm);
        HashSet<ulong> seen = [];
        ulong union = 0;
        for (int i = 0; i < 1000; i++)
        {
            byte[] name = vault.RandomBytes(1 + (i % 255));
            ulong hash = vault.Cipher.HashName(name);
            Assert.Equal(hash, again.HashName(name));
            Assert.NotEqual(hash, other.Cipher.HashName(name));
            Assert.Equal(0UL, hash >> 56);
            seen.Add(hash);
            union |= hash;
        }

        Assert.True(seen.Count >= 995, "one-byte names may repeat, longer ones may not");
        Assert.Equal((1UL << 56) - 1, union);
    }

    private static bool Round(TestVault vault, byte[] plaintext, byte[] sealedBytes, int count)
    {
        Span<byte> opened = stackalloc byte[UnitSize];
        bool allOpened = true;
        for (int i = 0; i < count; i++)
        {
            SealStamp stamp = vault.Session.Seal(SealKind.Chunk, plaintext, sealedBytes);
            allOpened &= vault.Cipher.TryOpen(SealKind.Chunk, stamp, sealedBytes, opened);
            vault.Cipher.HashName(plaintext.AsSpan(0, 12));
        }

        return allOpened;
    }
}
