using System.Buffers.Binary;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// What stands in clear before an append's ciphertext: which keys open it, how long it is and which append it follows. The
/// tag authenticates all of it, and the place: an append opens where it was written and nowhere else.
/// </summary>
/// <param name="Stamp">Salt, sequence and tag of the append.</param>
/// <param name="PreviousTag">The tag of the append before.</param>
/// <param name="BlockCount">Blocks of the append, this frame included.</param>
internal readonly record struct LogFrame(SealStamp Stamp, UInt128 PreviousTag, int BlockCount)
{
    public const int SizeBytes = 64;

    /// <summary>Bytes of the context that an append is sealed in.</summary>
    public const int ContextSize = 26;

    /// <summary>As stored: untrusted.</summary>
    public static LogFrame Read(ReadOnlySpan<byte> source) => new(
        new SealStamp(
            BinaryPrimitives.ReadUInt128LittleEndian(source),
            BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadUInt128LittleEndian(source[24..])),
        BinaryPrimitives.ReadUInt128LittleEndian(source[40..]),
        BinaryPrimitives.ReadUInt16LittleEndian(source[56..]));

    public void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(destination, Stamp.Salt);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], Stamp.Sequence);
        BinaryPrimitives.WriteUInt128LittleEndian(destination[24..], Stamp.Tag);
        BinaryPrimitives.WriteUInt128LittleEndian(destination[40..], PreviousTag);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[56..], (ulong)BlockCount);
    }

    /// <summary>What an append is sealed for: the one before, its own place, its length.</summary>
    public static void WriteContext(Span<byte> context, UInt128 previousTag, BlockAddress place, int blockCount)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(context, previousTag);
        BinaryPrimitives.WriteUInt64LittleEndian(context[16..], place.Value);
        BinaryPrimitives.WriteUInt16LittleEndian(context[24..], (ushort)blockCount);
    }
}
