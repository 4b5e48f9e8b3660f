using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Vault.Crypto;

namespace Vault.Cli;

/// <summary>SHA-256 of a keyfile of any length, read in pieces.</summary>
internal static class KeyfileDigest
{
    private const int PieceBytes = 64 * 1024;

    /// <returns>32 bytes; the caller disposes of them.</returns>
    /// <exception cref="CliException">The file is empty or cannot be read.</exception>
    public static SecretBuffer Compute(string path)
    {
        byte[] piece = PinnedBufferPool.Shared.Rent(PieceBytes);
        try
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            if (Append(hash, path, piece) == 0)
            {
                throw new CliException(ExitCode.CredentialUnavailable, $"The keyfile {path} is empty.", "A keyfile should hold at least 32 random bytes: head -c 64 /dev/urandom > FILE");
            }

            SecretBuffer digest = new(SHA256.HashSizeInBytes);
            _ = hash.GetHashAndReset(digest.Span);
            return digest;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.CredentialUnavailable, $"The keyfile {path} cannot be read: {exception.Message}", null, exception);
        }
        finally
        {
            PinnedBufferPool.Shared.Return(piece);
        }
    }

    private static long Append(IncrementalHash hash, string path, byte[] piece)
    {
        using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, FileOptions.SequentialScan);
        long total = 0;
        for (int count; (count = RandomAccess.Read(handle, piece.AsSpan(0, PieceBytes), total)) > 0; total += count)
        {
            hash.AppendData(piece, 0, count);
        }

        return total;
    }
}
