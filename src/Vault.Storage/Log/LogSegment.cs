using System.Buffers.Binary;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>A run of blocks that holds appends of the intent log, one behind the other. 8 bytes on disk.</summary>
/// <param name="Address">First block.</param>
/// <param name="BlockCount">1 to <see cref="MaxBlocks"/>.</param>
internal readonly record struct LogSegment(BlockAddress Address, int BlockCount)
{
    public const int SizeBytes = 8;

    /// <summary>As long as a run can be: 1 MiB.</summary>
    public const int MaxBlocks = 256;

    private const ulong AddressMask = BlockAddress.MaxValue;

    /// <summary>The segment as a unit among others, for who counts blocks.</summary>
    public BlockPointer AsUnit => new(Address, BlockAddress.None, SealKind.Log, BlockCount, 0, 0, default);

    public static LogSegment Read(ReadOnlySpan<byte> source)
    {
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(source);
        return new LogSegment(new BlockAddress(value & AddressMask), (int)(value >> 48));
    }

    public void WriteTo(Span<byte> destination) =>
        BinaryPrimitives.WriteUInt64LittleEndian(destination, Address.Value | ((ulong)BlockCount << 48));

    /// <summary>Whether there can be such a segment on a medium of this length.</summary>
    public bool LiesWithin(long lengthBytes) =>
        Address.Value >= ContainerLayout.FirstDataBlock
        && BlockCount is >= 1 and <= MaxBlocks
        && Address.Value + (ulong)BlockCount <= (ulong)lengthBytes / ContainerLayout.BlockSize;
}
