using System.Buffers.Binary;

namespace Vault.Crypto;

/// <summary>Nonce and associated data of a sealed unit (docs/format/sealing.md).</summary>
internal static class UnitFraming
{
    /// <summary>Vault id (16), kind (1).</summary>
    internal const int AssociatedDataSize = VaultId.SizeBytes + 1;

    private const int NonceSequenceOffset = 4;

    /// <summary>Four zero bytes, then the sequence.</summary>
    internal static void WriteNonce(Span<byte> nonce, ulong sequence)
    {
        nonce[..NonceSequenceOffset].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce[NonceSequenceOffset..], sequence);
    }

    internal static void WriteAssociatedData(Span<byte> associatedData, VaultId id, SealKind kind)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(associatedData, id.Value);
        associatedData[VaultId.SizeBytes] = (byte)kind;
    }

    /// <exception cref="ArgumentException">The spans differ in length or overlap.</exception>
    internal static void CheckSpans(ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination)
    {
        if (source.Length != destination.Length)
            throw new ArgumentException("Plaintext and sealed bytes differ in length.");
        if (source.Overlaps(destination))
            throw new ArgumentException("Plaintext and sealed bytes overlap.");
    }
}
