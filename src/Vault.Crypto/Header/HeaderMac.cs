using System.Security.Cryptography;

namespace Vault.Crypto;

/// <summary>MAC and checksum at the end of a header.</summary>
internal static class HeaderMac
{
    /// <summary>Writes the MAC, then the checksum, which covers it.</summary>
    internal static void Write(Span<byte> header, MasterKey master)
    {
        Compute(header, master, header.Slice(HeaderLayout.MacOffset, HeaderLayout.MacSize));
        WriteChecksum(header);
    }

    internal static bool IsRight(ReadOnlySpan<byte> header, MasterKey master)
    {
        Span<byte> mac = stackalloc byte[HeaderLayout.MacSize];
        Compute(header, master, mac);
        return CryptographicOperations.FixedTimeEquals(mac, header.Slice(HeaderLayout.MacOffset, HeaderLayout.MacSize));
    }

    internal static void WriteChecksum(Span<byte> header) =>
        SHA256.HashData(header[..HeaderLayout.ChecksumOffset], header.Slice(HeaderLayout.ChecksumOffset, HeaderLayout.ChecksumSize));

    private static void Compute(ReadOnlySpan<byte> header, MasterKey master, Span<byte> mac)
    {
        using SecretBuffer key = new(HeaderLayout.MacSize);
        using SecretBuffer.Lease lease = master.Borrow();
        KeySchedule.Derive(lease.Span, salt: [], KeyLabels.HeaderMac, key.Span);
        HMACSHA256.HashData(key.Span, header[..HeaderLayout.MacOffset], mac);
    }
}
