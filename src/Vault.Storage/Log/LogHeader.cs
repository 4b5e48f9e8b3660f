using System.Buffers.Binary;

namespace Vault.Storage;

/// <summary>The first bytes of an append's plaintext.</summary>
/// <param name="BaseGeneration">The newest generation that was durable when it was written: it changes that state, or a later one.</param>
/// <param name="NextInode">The next inode number to give out.</param>
/// <param name="InodeCount">Inodes in use.</param>
/// <param name="RecordBytes">Bytes of the records that follow.</param>
internal readonly record struct LogHeader(ulong BaseGeneration, ulong NextInode, ulong InodeCount, int RecordBytes)
{
    public const int SizeBytes = 32;

    public static LogHeader Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(source),
        BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
        BinaryPrimitives.ReadInt32LittleEndian(source[24..]));

    public void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, BaseGeneration);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], NextInode);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], InodeCount);
        BinaryPrimitives.WriteInt64LittleEndian(destination[24..], RecordBytes);
    }
}
