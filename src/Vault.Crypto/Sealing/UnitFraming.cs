using System.Buffers.Binary;

namespace Vault.Crypto;

/// <summary>Nonce and associated data of a sealed unit (docs/format/sealing.md).</summary>
internal static class UnitFraming
{
    /// <summary>The longest context of a unit that needs more than its parent's word: an append of the log.</summary>
    internal const int MaxContextSize = 32;

    /// <summary>Vault id (16), kind (1), context (0 to 32).</summary>
    internal const int MaxAssociatedDataSize = VaultId.SizeBytes + 1 + MaxContextSize;

    private const int NonceSequenceOffset = 4;

    /// <summary>Four zero bytes, then the sequence.</summary>
    internal static void WriteNonce(Span<byte> nonce, ulong sequence)
    {
        nonce[..NonceSequenceOffset].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce[NonceSequenceOffset..], sequence);
    }

    /// <returns>The associated data: as much of <paramref name="room"/> as it takes.</returns>
    internal static ReadOnlySpan<byte> WriteAssociatedData(Span<byte> room, VaultId id, SealKind kind, ReadOnlySpan<byte> context)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(room, id.Value);
        room[VaultId.SizeBytes] = (byte)kind;
        context.CopyTo(room[(VaultId.SizeBytes + 1)..]);
        return room[..(VaultId.SizeBytes + 1 + context.Length)];
    }

    /// <exception cref="ArgumentException">The spans differ in length or overlap, or the context is longer than <see cref="MaxContextSize"/>.</exception>
    internal static void CheckSpans(ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination, ReadOnlySpan<byte> context)
    {
        if (context.Length > MaxContextSize)
            throw new ArgumentException("The context is too long.");
        if (source.Length != destination.Length)
            throw new ArgumentException("Plaintext and sealed bytes differ in length.");
        if (source.Overlaps(destination))
            throw new ArgumentException("Plaintext and sealed bytes overlap.");
    }
}
