using System.Buffers.Binary;

namespace Vault.Storage;

/// <summary>One session in the life of a vault: tells older, diverged and foreign copies apart. 40 bytes on disk.</summary>
/// <param name="Session">The session's first salt.</param>
/// <param name="LastGeneration">The last generation that it made durable.</param>
/// <param name="SuperblockTag">The tag of that generation's superblock.</param>
internal readonly record struct LineageEntry(UInt128 Session, ulong LastGeneration, UInt128 SuperblockTag)
{
    public const int SizeBytes = 40;

    public static LineageEntry Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt128LittleEndian(source),
        BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
        BinaryPrimitives.ReadUInt128LittleEndian(source[24..]));

    public void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(destination, Session);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], LastGeneration);
        BinaryPrimitives.WriteUInt128LittleEndian(destination[24..], SuperblockTag);
    }
}
