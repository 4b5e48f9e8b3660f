using System.Buffers.Binary;
using System.Security.Cryptography;
using Vault.Crypto;

namespace Vault.Storage.Tests;

/// <summary>Changes header copies as who has the master key can, and as who has not; by docs/format/header.md alone.</summary>
internal static class HeaderBytes
{
    public const int SlotsOffset = 256;
    public const int SlotsSize = 8 * 256;

    private const int SequenceOffset = 40;
    private const int MacOffset = 4032;
    private const int ChecksumOffset = 4064;

    /// <summary>A later header of the vault: its key slot was made anew.</summary>
    public static byte[] Next(ReadOnlySpan<byte> header, MasterKey master)
    {
        byte[] next = header.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(next.AsSpan(SequenceOffset), BinaryPrimitives.ReadUInt64LittleEndian(header[SequenceOffset..]) + 1);
        RandomNumberGenerator.Fill(next.AsSpan(SlotsOffset + 16, 112)); // salt, commitment, wrapped key
        byte[] key = new byte[MasterKey.SizeBytes];
        master.Export(key);
        key = HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: "vaultfs v1 header mac"u8.ToArray());
        HMACSHA256.HashData(key, next.AsSpan(0, MacOffset), next.AsSpan(MacOffset));
        WriteChecksum(next);
        return next;
    }

    public static void WriteChecksum(Span<byte> header) => SHA256.HashData(header[..ChecksumOffset], header[ChecksumOffset..]);
}
