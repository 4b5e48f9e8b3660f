using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Vault.Crypto;

/// <summary>Seals superblocks, each under a key of its own: HKDF of the superblock key with a random salt kept in the slot.</summary>
internal sealed class SuperblockSealer : IDisposable
{
    internal const int SlotSize = 4096;
    internal const int SaltOffset = 0;
    internal const int SaltSize = 32;
    internal const int TagOffset = SaltOffset + SaltSize;
    internal const int CiphertextOffset = TagOffset + Aead.TagSize;
    internal const int PlaintextSize = SlotSize - CiphertextOffset;

    private readonly SecretBuffer _key = new(Aead.KeySize);
    private readonly VaultId _id;
    private readonly CipherSuite _suite;

    internal SuperblockSealer(ReadOnlySpan<byte> master, VaultId id, CipherSuite suite)
    {
        KeySchedule.Derive(master, salt: [], KeyLabels.Superblock, _key.Span);
        _id = id;
        _suite = suite;
    }

    /// <summary>Ends the associated data: between the vault id and the slot's index.</summary>
    private static ReadOnlySpan<byte> AssociatedDataLabel => "superblock"u8;

    internal void Seal(int slotIndex, ReadOnlySpan<byte> plaintext, Span<byte> slot, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        CheckArguments(slotIndex, slot, plaintext);
        Span<byte> associatedData = stackalloc byte[VaultId.SizeBytes + AssociatedDataLabel.Length + 1];
        WriteAssociatedData(associatedData, slotIndex);
        Span<byte> salt = slot.Slice(SaltOffset, SaltSize);
        random.Fill(salt);
        using Aead context = ContextOf(salt);
        context.Seal(ZeroNonce, plaintext, slot[CiphertextOffset..], slot.Slice(TagOffset, Aead.TagSize), associatedData);
    }

    internal bool TryOpen(int slotIndex, ReadOnlySpan<byte> slot, Span<byte> plaintext)
    {
        CheckArguments(slotIndex, slot, plaintext);
        Span<byte> associatedData = stackalloc byte[VaultId.SizeBytes + AssociatedDataLabel.Length + 1];
        WriteAssociatedData(associatedData, slotIndex);
        using Aead context = ContextOf(slot.Slice(SaltOffset, SaltSize));
        return context.TryOpen(ZeroNonce, slot[CiphertextOffset..], slot.Slice(TagOffset, Aead.TagSize), plaintext, associatedData);
    }

    public void Dispose() => _key.Dispose();

    /// <summary>The key is used once, so that its nonce need not vary.</summary>
    private static ReadOnlySpan<byte> ZeroNonce => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private static void CheckArguments(int slotIndex, ReadOnlySpan<byte> slot, ReadOnlySpan<byte> plaintext)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slotIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slotIndex, byte.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNotEqual(slot.Length, SlotSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(plaintext.Length, PlaintextSize);
        if (slot.Overlaps(plaintext))
            throw new ArgumentException("Plaintext and slot overlap.");
    }

    private void WriteAssociatedData(Span<byte> associatedData, int slotIndex)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(associatedData, _id.Value);
        AssociatedDataLabel.CopyTo(associatedData[VaultId.SizeBytes..]);
        associatedData[^1] = (byte)slotIndex;
    }

    private Aead ContextOf(ReadOnlySpan<byte> salt)
    {
        Span<byte> slotKey = stackalloc byte[Aead.KeySize];
        try
        {
            using SecretBuffer.Lease key = _key.Borrow();
            KeySchedule.Derive(key.Span, salt, KeyLabels.SuperblockSlot, slotKey);
            return Aead.Create(_suite, slotKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(slotKey);
        }
    }
}
