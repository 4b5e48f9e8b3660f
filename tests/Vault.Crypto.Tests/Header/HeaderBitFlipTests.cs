namespace Vault.Crypto.Tests;

/// <summary>Every bit of a header, by damage and by an attacker. Exhaustive, so there is no seed to report.</summary>
public sealed class HeaderBitFlipTests
{
    private const int MagicEnd = 8;
    private const int FixedPartEnd = 40;

    // Goal: damage is known as damage before any key is asked for, and never as a wrong passphrase.
    // Method: flip each of the 32768 bits.
    [Fact]
    public void Every_damaged_bit_is_noticed_with_the_right_reason()
    {
        using TestHeader test = new();
        for (int bit = 0; bit < test.Bytes.Length * 8; bit++)
        {
            test.Bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            HeaderDefect defect = UnverifiedHeader.TryParse(test.Bytes, out UnverifiedHeader? header);
            Assert.Equal(bit / 8 < MagicEnd ? HeaderDefect.NotAVault : HeaderDefect.Damaged, defect);
            Assert.Null(header);
            test.Bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Equal((HeaderDefect.None, UnlockOutcome.Unlocked), test.Try(test.Bytes));
    }

    // Goal: whoever changes a header and mends its checksum is noticed, whatever bit they change; nothing ever opens.
    // Method: flip each bit below the checksum, recompute it, unlock with the right credential, and compare the reason with
    // what the format says about the field.
    [Fact]
    public void Every_forged_bit_is_noticed_with_the_right_reason()
    {
        using TestHeader test = new();
        for (int bit = 0; bit < HeaderLayout.ChecksumOffset * 8; bit++)
        {
            byte[] forged = test.Altered(b => b[bit / 8] ^= (byte)(1 << (bit % 8)));
            (HeaderDefect Defect, UnlockOutcome? Outcome) actual = test.Try(forged);
            Assert.True(IsRightReason(bit, actual), $"bit {bit}: {actual}");
        }
    }

    private static bool IsRightReason(int bit, (HeaderDefect Defect, UnlockOutcome? Outcome) actual)
    {
        (HeaderDefect, UnlockOutcome?) badField = (HeaderDefect.BadField, null);
        (HeaderDefect, UnlockOutcome?) slotDamaged = (HeaderDefect.None, UnlockOutcome.SlotDamaged);
        (HeaderDefect, UnlockOutcome?) wrongCredential = (HeaderDefect.None, UnlockOutcome.WrongCredential);
        (HeaderDefect, UnlockOutcome?) forged = (HeaderDefect.None, UnlockOutcome.Forged);
        (HeaderDefect, UnlockOutcome?) noSlotOfKind = (HeaderDefect.None, UnlockOutcome.NoSlotOfKind);
        int offset = bit / 8;
        int inSlot = offset - HeaderLayout.SlotsOffset;
        return offset switch
        {
            < MagicEnd => actual == (HeaderDefect.NotAVault, null),
            < HeaderLayout.SuiteOffset => actual == (HeaderDefect.UnknownVersion, null),
            < HeaderLayout.VaultIdOffset => actual == badField, // one bit leads from no allowed value to another
            < FixedPartEnd => actual == slotDamaged,
            < HeaderLayout.IncompatibleOffset => actual == (bit == HeaderLayout.SequenceOffset * 8 ? badField : forged), // sequence 1 became 0
            < HeaderLayout.ReservedCOffset => actual == (HeaderDefect.UnknownFeature, null),
            < HeaderLayout.SlotsOffset => actual == badField,
            < HeaderLayout.ReservedDOffset when inSlot >= KeySlotLayout.Size => actual == badField, // an empty slot is all zeros
            < HeaderLayout.ReservedDOffset => inSlot switch
            {
                0 => actual == (bit % 8 == 1 ? noSlotOfKind : badField), // passphrase (1) became passphrase and keyfile (3)
                < KeySlotLayout.MemoryKibOffset => actual == badField,
                < KeySlotLayout.SaltOffset => actual == badField || actual == wrongCredential,
                < KeySlotLayout.WrappedKeyOffset => actual == wrongCredential, // salt, commitment
                < KeySlotLayout.ReservedBOffset => actual == slotDamaged,
                _ => actual == badField,
            },
            < HeaderLayout.MacOffset => actual == badField,
            _ => actual == forged,
        };
    }
}
