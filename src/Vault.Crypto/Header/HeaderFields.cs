using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Vault.Crypto;

/// <summary>What a header copy says, its form checked but no key asked.</summary>
internal sealed class HeaderFields
{
    internal const int BlockSize = 4096;
    internal const int LeastChunkSize = 4096;
    internal const int MostChunkSize = 128 * 1024;

    private HeaderFields(ReadOnlySpan<byte> bytes, KeySlotInfo[] slots)
    {
        Id = new VaultId(BinaryPrimitives.ReadUInt128LittleEndian(bytes[HeaderLayout.VaultIdOffset..]));
        Suite = (CipherSuite)bytes[HeaderLayout.SuiteOffset];
        ChunkSizeBytes = (int)ReadUInt32(bytes, HeaderLayout.ChunkSizeOffset);
        Sequence = ReadUInt64(bytes, HeaderLayout.SequenceOffset);
        Features = (
            ReadUInt64(bytes, HeaderLayout.CompatibleOffset),
            ReadUInt64(bytes, HeaderLayout.ReadOnlyCompatibleOffset),
            ReadUInt64(bytes, HeaderLayout.IncompatibleOffset));
        Slots = Array.AsReadOnly(slots);
    }

    internal VaultId Id { get; }

    internal CipherSuite Suite { get; }

    internal int ChunkSizeBytes { get; }

    internal ulong Sequence { get; }

    internal (ulong Compatible, ulong ReadOnlyCompatible, ulong Incompatible) Features { get; }

    internal IReadOnlyList<KeySlotInfo> Slots { get; }

    /// <summary>Checks in the order of <see cref="HeaderDefect"/>.</summary>
    internal static HeaderDefect TryParse(ReadOnlySpan<byte> bytes, out HeaderFields? fields)
    {
        fields = null;
        if (bytes.Length < VaultHeader.SizeBytes || !bytes.StartsWith(HeaderLayout.Magic))
            return HeaderDefect.NotAVault;
        bytes = bytes[..VaultHeader.SizeBytes];
        if (!HasRightChecksum(bytes))
            return HeaderDefect.Damaged;
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[HeaderLayout.VersionOffset..]) != VaultHeader.FormatVersion)
            return HeaderDefect.UnknownVersion;
        if ((ReadUInt64(bytes, HeaderLayout.IncompatibleOffset) & ~HeaderFeatures.KnownIncompatible) != 0)
            return HeaderDefect.UnknownFeature;
        if (!AreFixedFieldsGood(bytes) || !TryReadSlots(bytes, out KeySlotInfo[] slots))
            return HeaderDefect.BadField;
        fields = new HeaderFields(bytes, slots);
        return HeaderDefect.None;
    }

    internal static bool IsChunkSize(uint size) => size is >= LeastChunkSize and <= MostChunkSize && BitOperations.IsPow2(size);

    private static bool HasRightChecksum(ReadOnlySpan<byte> bytes)
    {
        Span<byte> checksum = stackalloc byte[HeaderLayout.ChecksumSize];
        SHA256.HashData(bytes[..HeaderLayout.ChecksumOffset], checksum);
        return checksum.SequenceEqual(bytes[HeaderLayout.ChecksumOffset..]);
    }

    private static bool AreFixedFieldsGood(ReadOnlySpan<byte> bytes) =>
        (CipherSuite)bytes[HeaderLayout.SuiteOffset] is CipherSuite.Aes256Gcm or CipherSuite.ChaCha20Poly1305
        && ReadUInt32(bytes, HeaderLayout.BlockSizeOffset) == BlockSize
        && IsChunkSize(ReadUInt32(bytes, HeaderLayout.ChunkSizeOffset))
        && ReadUInt64(bytes, HeaderLayout.SequenceOffset) != 0
        && IsZero(bytes, HeaderLayout.ReservedAOffset, HeaderLayout.ReservedASize)
        && IsZero(bytes, HeaderLayout.ReservedBOffset, HeaderLayout.ReservedBSize)
        && IsZero(bytes, HeaderLayout.ReservedCOffset, HeaderLayout.ReservedCSize)
        && IsZero(bytes, HeaderLayout.ReservedDOffset, HeaderLayout.ReservedDSize);

    /// <summary>Reads the occupied slots; a header without any is not good, since nothing could open it.</summary>
    private static bool TryReadSlots(ReadOnlySpan<byte> bytes, out KeySlotInfo[] slots)
    {
        List<KeySlotInfo> occupied = new(HeaderLayout.SlotCount);
        slots = [];
        for (int i = 0; i < HeaderLayout.SlotCount; i++)
        {
            ReadOnlySpan<byte> slot = KeySlot.Of(bytes, i);
            if (!slot.ContainsAnyExcept((byte)0))
                continue;
            if (!KeySlot.TryReadInfo(slot, i, out KeySlotInfo? info))
                return false;
            occupied.Add(info);
        }

        slots = [.. occupied];
        return slots.Length > 0;
    }

    private static bool IsZero(ReadOnlySpan<byte> bytes, int offset, int size) => !bytes.Slice(offset, size).ContainsAnyExcept((byte)0);

    private static uint ReadUInt32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private static ulong ReadUInt64(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);
}
