using System.Buffers.Binary;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// Where the intent log goes on from a state (docs/format/container.md, "Intent log"): the place of the next append, and the
/// stamp that it must be chained to. 64 bytes in the superblock; none if the state has no log.
/// </summary>
/// <param name="Segment">The run of blocks in which the next append lies.</param>
/// <param name="NextBlock">Its place in the segment.</param>
/// <param name="Last">The stamp of the append before; of a log without any, one that no seal made.</param>
/// <param name="Generation">
/// Under which the state was committed. Written again the state gets another, but appends that were made when a later one than
/// this was durable change that one, and not this.
/// </param>
internal readonly record struct LogStart(LogSegment Segment, int NextBlock, SealStamp Last, ulong Generation)
{
    public const int SizeBytes = 64;

    /// <summary>The same segment, and no append: what they name may be in use again.</summary>
    public LogStart WithoutAppends => this with { NextBlock = Segment.BlockCount };

    public bool IsNone => Segment.Address.IsNone;

    public static LogStart Read(ReadOnlySpan<byte> source) => new(
        LogSegment.Read(source),
        BinaryPrimitives.ReadUInt16LittleEndian(source[8..]),
        new SealStamp(
            BinaryPrimitives.ReadUInt128LittleEndian(source[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[32..]),
            BinaryPrimitives.ReadUInt128LittleEndian(source[40..])),
        BinaryPrimitives.ReadUInt64LittleEndian(source[56..]));

    public void WriteTo(Span<byte> destination)
    {
        destination[..SizeBytes].Clear();
        if (IsNone)
            return;
        Segment.WriteTo(destination);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[8..], (ushort)NextBlock);
        BinaryPrimitives.WriteUInt128LittleEndian(destination[16..], Last.Salt);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[32..], Last.Sequence);
        BinaryPrimitives.WriteUInt128LittleEndian(destination[40..], Last.Tag);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[56..], Generation);
    }
}
