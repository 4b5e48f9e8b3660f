using System.Security.Cryptography;
using Vault.Crypto;

namespace Vault.Cli.Commands;

/// <summary>Which suite seals faster on this machine: AES-GCM where the processor has instructions for it.</summary>
internal static class FastestCipher
{
    private const int PieceBytes = 32 * 1024;
    private const int PiecesPerRound = 64;
    private const int RoundCount = 5;

    private delegate void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag);

    public static CipherSuite Measure(TimeProvider time)
    {
        if (!ChaCha20Poly1305.IsSupported || !AesGcm.IsSupported)
        {
            return AesGcm.IsSupported ? CipherSuite.Aes256Gcm : CipherSuite.ChaCha20Poly1305;
        }

        // All zeros: a measurement, not a use. Nothing sealed here leaves this method.
        byte[] key = new byte[32];
        using AesGcm aes = new(key, 16);
        using ChaCha20Poly1305 chaCha = new(key);
        TimeSpan aesTime = BestRound((n, p, c, t) => aes.Encrypt(n, p, c, t), time);
        TimeSpan chaChaTime = BestRound((n, p, c, t) => chaCha.Encrypt(n, p, c, t), time);
        return chaChaTime < aesTime ? CipherSuite.ChaCha20Poly1305 : CipherSuite.Aes256Gcm;
    }

    private static TimeSpan BestRound(Seal seal, TimeProvider time)
    {
        byte[] plaintext = new byte[PieceBytes];
        byte[] ciphertext = new byte[PieceBytes];
        Span<byte> nonce = stackalloc byte[12];
        Span<byte> tag = stackalloc byte[16];
        TimeSpan best = TimeSpan.MaxValue;
        for (int round = 0; round < RoundCount; round++)
        {
            long start = time.GetTimestamp();
            for (int piece = 0; piece < PiecesPerRound; piece++)
            {
                seal(nonce, plaintext, ciphertext, tag);
            }

            TimeSpan elapsed = time.GetElapsedTime(start);
            best = elapsed < best ? elapsed : best;
        }

        return best;
    }
}
