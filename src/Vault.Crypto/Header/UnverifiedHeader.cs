using System.Buffers.Binary;

namespace Vault.Crypto;

/// <summary>How an attempt to open a key slot ended.</summary>
public enum UnlockOutcome
{
    /// <summary>A slot opened and the header's MAC matches.</summary>
    Unlocked,

    /// <summary>The vault has no slot of the credential's kind (a keyfile is needed, say).</summary>
    NoSlotOfKind,

    /// <summary>No slot of the credential's kind has its key commitment.</summary>
    WrongCredential,

    /// <summary>A slot's commitment matches the credential, but its sealed key does not open: the slot is damaged.</summary>
    SlotDamaged,

    /// <summary>The slot opened, but the header's MAC does not match: somebody changed the header.</summary>
    Forged,
}

/// <summary>A header that parses and whose checksum matches, but which no key has verified yet: hostile until then.</summary>
public sealed class UnverifiedHeader
{
    private readonly byte[] _bytes;
    private readonly HeaderFields _fields;

    private UnverifiedHeader(byte[] bytes, HeaderFields fields)
    {
        _bytes = bytes;
        _fields = fields;
    }

    /// <summary>The vault's identity. Untrusted.</summary>
    public VaultId Id => _fields.Id;

    /// <summary>Counts changes of the header. Untrusted; decides between two copies.</summary>
    public ulong Sequence => _fields.Sequence;

    /// <summary>Bytes of a chunk. Within bounds, but untrusted.</summary>
    public int ChunkSizeBytes => _fields.ChunkSizeBytes;

    /// <summary>The AEAD. A known one, but untrusted.</summary>
    public CipherSuite Suite => _fields.Suite;

    /// <summary>The occupied key slots. Untrusted.</summary>
    public IReadOnlyList<KeySlotInfo> Slots => _fields.Slots;

    /// <summary>Parses one copy. Allocates nothing in proportion to what the bytes say.</summary>
    /// <param name="bytes">At least <see cref="VaultHeader.SizeBytes"/> bytes, else <see cref="HeaderDefect.NotAVault"/>: untrusted.</param>
    /// <param name="header">The header, if the result is <see cref="HeaderDefect.None"/>.</param>
    public static HeaderDefect TryParse(ReadOnlySpan<byte> bytes, out UnverifiedHeader? header)
    {
        HeaderDefect defect = HeaderFields.TryParse(bytes, out HeaderFields? fields);
        header = fields is null ? null : new UnverifiedHeader(bytes[..VaultHeader.SizeBytes].ToArray(), fields);
        return defect;
    }

    /// <summary>Names what a copy with <see cref="HeaderDefect.UnknownFeature"/> asks for.</summary>
    /// <param name="bytes">The bytes that <see cref="TryParse"/> got.</param>
    /// <returns>The incompatible feature bits that this program does not know.</returns>
    public static ulong UnknownFeatures(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[HeaderLayout.IncompatibleOffset..]) & ~HeaderFeatures.KnownIncompatible;

    /// <summary>Names what a copy with <see cref="HeaderDefect.UnknownVersion"/> is.</summary>
    /// <param name="bytes">The bytes that <see cref="TryParse"/> got.</param>
    public static ushort FormatVersionOf(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[HeaderLayout.VersionOffset..]);

    /// <summary>Tries the credential on every slot of its kind: one Argon2id each.</summary>
    /// <param name="credential">What the person presented.</param>
    /// <param name="master">The master key, if the result is <see cref="UnlockOutcome.Unlocked"/>; the caller disposes of it.</param>
    /// <exception cref="KeyDerivationException">Argon2id could not be computed on this machine.</exception>
    public UnlockOutcome TryUnlock(Credential credential, out MasterKey? master) =>
        TryUnlock(credential, Argon2SlotKeyDeriver.Instance, out master);

    /// <summary>Verifies the MAC under a master key.</summary>
    /// <returns>The verified header, or <see langword="null"/> if the MAC does not match.</returns>
    public VaultHeader? TryVerify(MasterKey master)
    {
        ArgumentNullException.ThrowIfNull(master);
        return HeaderMac.IsRight(_bytes, master) ? new VaultHeader(_bytes, _fields) : null;
    }

    internal UnlockOutcome TryUnlock(Credential credential, ISlotKeyDeriver deriver, out MasterKey? master)
    {
        ArgumentNullException.ThrowIfNull(credential);
        master = null;
        UnlockOutcome outcome = UnlockOutcome.NoSlotOfKind;
        foreach (KeySlotInfo slot in Slots)
        {
            if (slot.Kind != credential.Kind)
                continue;
            switch (KeySlot.TryOpen(_bytes, slot, credential, deriver, out MasterKey? opened))
            {
                case SlotOutcome.Opened when HeaderMac.IsRight(_bytes, opened!):
                    master = opened;
                    return UnlockOutcome.Unlocked;
                case SlotOutcome.Opened:
                    opened!.Dispose();
                    return UnlockOutcome.Forged;
                case SlotOutcome.Damaged:
                    outcome = UnlockOutcome.SlotDamaged;
                    break;
                case SlotOutcome.WrongCredential when outcome == UnlockOutcome.NoSlotOfKind:
                    outcome = UnlockOutcome.WrongCredential;
                    break;
            }
        }

        return outcome;
    }
}
