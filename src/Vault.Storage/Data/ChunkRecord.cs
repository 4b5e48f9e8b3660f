using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// The value of table Chunks: what holds a chunk's data. 72 bytes: kind (1), zeros (7), pointer (64). The kind leaves
/// room for chunks that are split or patched; a missing record is a hole.
/// </summary>
internal static class ChunkRecord
{
    public const int SizeBytes = 72;

    /// <summary>The whole chunk is one sealed unit, possibly shorter than a chunk: what it lacks are zeros.</summary>
    public const byte Whole = 1;

    private const int PointerOffset = 8;

    public static void Write(Span<byte> destination, in BlockPointer pointer)
    {
        destination[..PointerOffset].Clear();
        destination[0] = Whole;
        pointer.WriteTo(destination[PointerOffset..]);
    }

    /// <summary>As <see cref="Read"/>. False: it is malformed, or of a kind that this version does not know.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out BlockPointer pointer)
    {
        pointer = source.Length == SizeBytes && source[0] == Whole ? BlockPointer.Read(source[PointerOffset..]) : default;
        return !pointer.IsNone && pointer.Kind == SealKind.Chunk;
    }

    /// <exception cref="VaultCorruptionException">A kind that this version does not know.</exception>
    public static BlockPointer Read(ReadOnlySpan<byte> source)
    {
        if (source.Length != SizeBytes || source[0] != Whole)
            throw new VaultCorruptionException(new CorruptionSite("chunk record", 0, "kind"));
        BlockPointer pointer = BlockPointer.Read(source[PointerOffset..]);
        if (pointer.IsNone || pointer.Kind != SealKind.Chunk)
            throw new VaultCorruptionException(new CorruptionSite("chunk record", pointer.Address.OffsetBytes, "structure"));
        return pointer;
    }
}
