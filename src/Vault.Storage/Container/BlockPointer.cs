using System.Buffers.Binary;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// A parent's reference to a sealed unit: where it lies, what it is, and what opens it. 64 bytes
/// (docs/format/container.md, "Pointer"). Trusted as far as the page that holds it.
/// </summary>
/// <param name="Address">First block.</param>
/// <param name="Second">First block of the second copy, or none.</param>
/// <param name="Kind">What the unit is.</param>
/// <param name="BlockCount">Blocks of the unit, 1 to 256.</param>
/// <param name="Spare">16 bits for the parent's use: free blocks under a space map bitmap, else 0.</param>
/// <param name="Birth">The generation in which the unit was written.</param>
/// <param name="Stamp">Session salt, sequence and tag.</param>
internal readonly record struct BlockPointer(
    BlockAddress Address, BlockAddress Second, SealKind Kind, int BlockCount, ushort Spare, ulong Birth, SealStamp Stamp)
{
    public const int SizeBytes = 64;

    public bool IsNone => Address.IsNone;

    public int SizeOfUnit => BlockCount * ContainerLayout.BlockSize;

    public static BlockPointer Read(ReadOnlySpan<byte> source) => new(
        new BlockAddress(ReadUInt48(source)),
        new BlockAddress(ReadUInt48(source[6..])),
        (SealKind)source[12],
        source[13] + 1,
        BinaryPrimitives.ReadUInt16LittleEndian(source[14..]),
        BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
        new SealStamp(
            BinaryPrimitives.ReadUInt128LittleEndian(source[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[40..]),
            BinaryPrimitives.ReadUInt128LittleEndian(source[48..])));

    public void WriteTo(Span<byte> destination)
    {
        if (IsNone)
        {
            destination[..SizeBytes].Clear();
            return;
        }

        WriteUInt48(destination, Address.Value);
        WriteUInt48(destination[6..], Second.Value);
        destination[12] = (byte)Kind;
        destination[13] = (byte)(BlockCount - 1);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[14..], Spare);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], Birth);
        BinaryPrimitives.WriteUInt128LittleEndian(destination[24..], Stamp.Salt);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[40..], Stamp.Sequence);
        BinaryPrimitives.WriteUInt128LittleEndian(destination[48..], Stamp.Tag);
    }

    private static ulong ReadUInt48(ReadOnlySpan<byte> source) =>
        BinaryPrimitives.ReadUInt32LittleEndian(source) | ((ulong)BinaryPrimitives.ReadUInt16LittleEndian(source[4..]) << 32);

    private static void WriteUInt48(Span<byte> destination, ulong value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)(value & 0xFFFF_FFFF));
        BinaryPrimitives.WriteUInt16LittleEndian(destination[4..], checked((ushort)(value >> 32)));
    }
}
