using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Vault.Crypto;

/// <summary>How an attempt to open one slot ended.</summary>
internal enum SlotOutcome
{
    Opened,
    WrongCredential,
    Damaged,
}

/// <summary>
/// Seals the master key under a credential. The slot key is fresh at each wrap, because the salt is, so the nonce is zero;
/// the commitment tells a wrong credential from a damaged slot, which AEAD alone cannot.
/// </summary>
internal static class KeySlot
{
    /// <summary>Vault-wide constants (40), slot index (1), the slot's parameters (48).</summary>
    private const int AssociatedDataSize = HeaderLayout.FixedPartSize + 1 + KeySlotLayout.ParametersSize;

    private static ReadOnlySpan<byte> ZeroNonce => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    internal static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> header, int index) =>
        header.Slice(HeaderLayout.SlotsOffset + (index * KeySlotLayout.Size), KeySlotLayout.Size);

    internal static bool TryReadInfo(ReadOnlySpan<byte> slot, int index, [NotNullWhen(true)] out KeySlotInfo? info)
    {
        KeySlotKind kind = (KeySlotKind)slot[KeySlotLayout.KindOffset];
        Argon2Parameters parameters = new(
            BinaryPrimitives.ReadUInt32LittleEndian(slot[KeySlotLayout.MemoryKibOffset..]),
            BinaryPrimitives.ReadUInt32LittleEndian(slot[KeySlotLayout.IterationsOffset..]),
            BinaryPrimitives.ReadUInt32LittleEndian(slot[KeySlotLayout.LanesOffset..]));
        bool isGood = kind is KeySlotKind.Passphrase or KeySlotKind.Keyfile or KeySlotKind.PassphraseAndKeyfile
            && slot[KeySlotLayout.Argon2VersionOffset] == Argon2id.Version
            && parameters.IsWithinBounds
            && !slot.Slice(KeySlotLayout.ReservedAOffset, KeySlotLayout.ReservedASize).ContainsAnyExcept((byte)0)
            && !slot.Slice(KeySlotLayout.ReservedBOffset, KeySlotLayout.ReservedBSize).ContainsAnyExcept((byte)0);
        info = isGood ? new KeySlotInfo(index, kind, parameters) : null;
        return isGood;
    }

    /// <summary>Fills slot <paramref name="index"/> of a header whose fixed part is in place.</summary>
    internal static void Write(
        Span<byte> header, int index, in Argon2Parameters parameters, MasterKey master, Credential credential, RandomSource random, ISlotKeyDeriver deriver)
    {
        Span<byte> slot = header.Slice(HeaderLayout.SlotsOffset + (index * KeySlotLayout.Size), KeySlotLayout.Size);
        slot.Clear();
        slot[KeySlotLayout.KindOffset] = (byte)credential.Kind;
        slot[KeySlotLayout.Argon2VersionOffset] = Argon2id.Version;
        BinaryPrimitives.WriteUInt32LittleEndian(slot[KeySlotLayout.MemoryKibOffset..], parameters.MemoryKib);
        BinaryPrimitives.WriteUInt32LittleEndian(slot[KeySlotLayout.IterationsOffset..], parameters.Iterations);
        BinaryPrimitives.WriteUInt32LittleEndian(slot[KeySlotLayout.LanesOffset..], parameters.Lanes);
        random.Fill(slot.Slice(KeySlotLayout.SaltOffset, KeySlotLayout.SaltSize));

        using SecretBuffer wrapKey = new(Aead.KeySize);
        DeriveKeys(slot, parameters, credential, deriver, wrapKey.Span, slot.Slice(KeySlotLayout.CommitmentOffset, KeySlotLayout.CommitmentSize));
        Span<byte> associatedData = stackalloc byte[AssociatedDataSize];
        WriteAssociatedData(associatedData, header, index);
        using Aead context = Aead.Create(CipherSuite.Aes256Gcm, wrapKey.Span);
        using SecretBuffer.Lease key = master.Borrow();
        context.Seal(
            ZeroNonce,
            key.Span,
            slot.Slice(KeySlotLayout.WrappedKeyOffset, MasterKey.SizeBytes),
            slot.Slice(KeySlotLayout.WrapTagOffset, Aead.TagSize),
            associatedData);
    }

    /// <summary>Opens a slot whose form was checked by <see cref="TryReadInfo"/>.</summary>
    internal static SlotOutcome TryOpen(ReadOnlySpan<byte> header, KeySlotInfo info, Credential credential, ISlotKeyDeriver deriver, out MasterKey? master)
    {
        master = null;
        ReadOnlySpan<byte> slot = Of(header, info.Index);
        using SecretBuffer wrapKey = new(Aead.KeySize);
        Span<byte> commitment = stackalloc byte[KeySlotLayout.CommitmentSize];
        DeriveKeys(slot, info.Argon2, credential, deriver, wrapKey.Span, commitment);
        if (!CryptographicOperations.FixedTimeEquals(commitment, slot.Slice(KeySlotLayout.CommitmentOffset, KeySlotLayout.CommitmentSize)))
            return SlotOutcome.WrongCredential;

        Span<byte> associatedData = stackalloc byte[AssociatedDataSize];
        WriteAssociatedData(associatedData, header, info.Index);
        using Aead context = Aead.Create(CipherSuite.Aes256Gcm, wrapKey.Span);
        using SecretBuffer opened = new(MasterKey.SizeBytes);
        bool isGood = context.TryOpen(
            ZeroNonce,
            slot.Slice(KeySlotLayout.WrappedKeyOffset, MasterKey.SizeBytes),
            slot.Slice(KeySlotLayout.WrapTagOffset, Aead.TagSize),
            opened.Span,
            associatedData);
        if (!isGood)
            return SlotOutcome.Damaged;
        master = MasterKey.Import(opened.Span);
        return SlotOutcome.Opened;
    }

    private static void DeriveKeys(
        ReadOnlySpan<byte> slot, in Argon2Parameters parameters, Credential credential, ISlotKeyDeriver deriver, Span<byte> wrapKey, Span<byte> commitment)
    {
        using SecretBuffer derived = new(Aead.KeySize);
        using SecretBuffer.Lease secret = credential.Borrow();
        deriver.Derive(secret.Span, slot.Slice(KeySlotLayout.SaltOffset, KeySlotLayout.SaltSize), parameters, derived.Span);
        KeySchedule.Derive(derived.Span, salt: [], KeyLabels.SlotWrap, wrapKey);
        KeySchedule.Derive(derived.Span, salt: [], KeyLabels.SlotCommitment, commitment);
    }

    private static void WriteAssociatedData(Span<byte> associatedData, ReadOnlySpan<byte> header, int index)
    {
        header[..HeaderLayout.FixedPartSize].CopyTo(associatedData);
        associatedData[HeaderLayout.FixedPartSize] = (byte)index;
        Of(header, index)[..KeySlotLayout.ParametersSize].CopyTo(associatedData[(HeaderLayout.FixedPartSize + 1)..]);
    }
}
