using System.Buffers.Binary;
using Vault.Storage.Tests.Fuzzing;

namespace Vault.Storage.Tests;

public sealed class OverlappingValuesTests
{
    // Goal: no leaf is trusted in which two values share a byte: a change of one would change the other behind its back.
    // Method: a page of three values with room between them; one of them moved to every offset that the page has.
    [Fact]
    public void A_leaf_is_well_formed_exactly_if_no_two_values_share_a_byte()
    {
        byte[] page = new byte[ContainerLayout.PageSize];
        LeafPage.Format(page);
        LeafPage leaf = new(page);
        for (ulong i = 0; i < 5; i++)
            leaf.Append(new TreeKey(TableId.Inodes, i + 1), new byte[i == 4 ? 0 : 100]);
        leaf.Remove(1, 2); // free bytes between values
        int end = ContainerLayout.PageSize;
        Assert.True(LeafPage.IsWellFormed(page));
        for (int offset = end - 400; offset + 100 <= end; offset++)
        {
            SetOffset(page, 1, offset);
            bool isApart = offset >= end - 300 && offset <= end - 200;
            Assert.Equal(isApart, LeafPage.IsWellFormed(page));
        }

        SetOffset(page, 1, end - 300);
        SetOffset(page, 3, end - 350); // an empty value lies nowhere
        Assert.True(LeafPage.IsWellFormed(page));
    }

    // Goal: a repair of a vault with such a page ends, with nothing left but what was on the page.
    // Method: the page forged behind its tag, so that two inode records are the same bytes: what is written to one was the
    // other's, which no number of rounds can bring in order.
    [Fact]
    public void A_repair_of_a_leaf_with_overlapping_values_ends()
    {
        using ForgedVault vault = new();
        ContainerUnits.Unit unit = vault.Units.First(u => u.IsLeafOf(TableId.Inodes));
        byte[] page = [.. unit.Plaintext];
        LeafPage leaf = new(page);
        int first = leaf.Search(new TreeKey(TableId.Inodes, 2), out bool hasFirst);
        int second = leaf.Search(new TreeKey(TableId.Inodes, 3), out bool hasSecond);
        Assert.True(hasFirst && hasSecond);
        SetOffset(page, second, OffsetOf(page, first));

        OverlayMedium medium = vault.WithUnit(unit.Pointer, page);
        medium.IsReadOnly = false;
        List<CheckFinding> found = [];
        RepairReport report = VaultChecker.Repair(medium, vault.Master, found.Add, null, ForgedVault.Options(new Simulation.SeededRandomSource(5)), CancellationToken.None);
        Assert.Contains(found, f => f.Kind == CheckFindingKind.TreePage);
        Assert.DoesNotContain(report.After.Findings.Keys, kind => kind is not (CheckFindingKind.FileData or CheckFindingKind.Inode));
        Assert.Single(report.Actions, a => a.StartsWith("The space map was rebuilt", StringComparison.Ordinal));
    }

    private static int OffsetOf(byte[] page, int slot) => BinaryPrimitives.ReadUInt16LittleEndian(OffsetField(page, slot));

    private static void SetOffset(byte[] page, int slot, int offset) => BinaryPrimitives.WriteUInt16LittleEndian(OffsetField(page, slot), (ushort)offset);

    private static Span<byte> OffsetField(byte[] page, int slot) => page.AsSpan(LeafPage.HeaderSize + (slot * LeafPage.SlotSize) + TreeKey.SizeBytes, 2);
}
