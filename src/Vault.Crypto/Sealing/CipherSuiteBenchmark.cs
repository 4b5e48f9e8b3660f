using System.Security.Cryptography;

namespace Vault.Crypto;

/// <summary>Chooses the AEAD of a new vault.</summary>
public static class CipherSuiteBenchmark
{
    private const int UnitSize = 32 * 1024;
    private const int UnitsPerRound = 16;
    private const int RoundCount = 5;

    /// <summary>Where both are about equal, measuring noise must not choose: AES then.</summary>
    private const double ClearlyFaster = 0.85;

    /// <summary>Seals a few MiB with each suite, in turns, and compares the best rounds; takes some milliseconds.</summary>
    /// <param name="time">Measures the rounds.</param>
    /// <returns>AES-256-GCM, unless the system's OpenSSL lacks it or ChaCha20-Poly1305 is clearly faster.</returns>
    /// <exception cref="PlatformNotSupportedException">It offers none.</exception>
    public static CipherSuite ChooseFastest(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        if (!Aead.IsSupported(CipherSuite.Aes256Gcm) && !Aead.IsSupported(CipherSuite.ChaCha20Poly1305))
            throw new PlatformNotSupportedException("This system's OpenSSL offers neither AES-256-GCM nor ChaCha20-Poly1305.");
        if (!Aead.IsSupported(CipherSuite.ChaCha20Poly1305))
            return CipherSuite.Aes256Gcm;
        if (!Aead.IsSupported(CipherSuite.Aes256Gcm))
            return CipherSuite.ChaCha20Poly1305;

        byte[] plaintext = PinnedBufferPool.Shared.Rent(UnitSize);
        byte[] ciphertext = PinnedBufferPool.Shared.Rent(UnitSize);
        Span<byte> key = stackalloc byte[Aead.KeySize];
        RandomNumberGenerator.Fill(key);
        using Aead aes = Aead.Create(CipherSuite.Aes256Gcm, key);
        using Aead chaCha = Aead.Create(CipherSuite.ChaCha20Poly1305, key);
        try
        {
            TimeSpan bestAes = TimeSpan.MaxValue;
            TimeSpan bestChaCha = TimeSpan.MaxValue;
            for (int round = 0; round < RoundCount; round++)
            {
                bestAes = Min(bestAes, Measure(aes, plaintext, ciphertext, time));
                bestChaCha = Min(bestChaCha, Measure(chaCha, plaintext, ciphertext, time));
            }

            return bestChaCha < bestAes * ClearlyFaster ? CipherSuite.ChaCha20Poly1305 : CipherSuite.Aes256Gcm;
        }
        finally
        {
            PinnedBufferPool.Shared.Return(plaintext);
            PinnedBufferPool.Shared.Return(ciphertext);
        }
    }

    /// <summary>The key is thrown away and seals zeros only, so its nonces may repeat.</summary>
    private static TimeSpan Measure(Aead context, byte[] plaintext, byte[] ciphertext, TimeProvider time)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        Span<byte> tag = stackalloc byte[Aead.TagSize];
        long start = time.GetTimestamp();
        for (int i = 0; i < UnitsPerRound; i++)
            context.Seal(nonce, plaintext.AsSpan(0, UnitSize), ciphertext.AsSpan(0, UnitSize), tag, associatedData: []);
        return time.GetElapsedTime(start);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
