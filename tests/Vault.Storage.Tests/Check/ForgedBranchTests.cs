using Vault.Crypto;
using Vault.Storage.Tests.Fuzzing;
using Vault.Storage.Tests.Simulation;

namespace Vault.Storage.Tests;

public sealed class ForgedBranchTests
{
    private static readonly TreeKey[] s_bounds =
    [
        default, new(TableId.Inodes, 1), new(TableId.Inodes, 3), new(TableId.DirectoryEntries, 2), new(TableId.Chunks, 5), new(TableId.Xattrs, 4), new(TableId.Lineage + 1, 0), TreeKey.Highest,
    ];

    // Goal: a repair settles a branch that does not fit its children: a child that no search leads to,
    // one that cannot be read, one that is there twice.
    // Method: exhaustive over the bounds of the root's children, out of those at which something begins, the lowest and the highest
    // key; and one child in turn damaged, replaced by each other or by what lies nowhere. Sealed with the right key, as a bug could write it.
    [Fact]
    public void A_branch_that_does_not_fit_its_children_is_settled()
    {
        using ForgedVault vault = new();
        ContainerUnits.Unit unit = vault.Units.Single(u => u.Pointer.Kind == SealKind.Branch);
        int count = new BranchPage(unit.Plaintext).Count;
        Assert.Equal(3, count);
        for (int low = 0; low < s_bounds.Length; low++)
        {
            for (int high = low + 1; high < s_bounds.Length; high++)
            {
                Settle(vault, unit, $"{low} {high}", s_bounds[low], s_bounds[high], 0, static pointer => pointer);
                for (int child = 0; child < count; child++)
                {
                    BlockPointer other = new BranchPage(unit.Plaintext).PointerAt((child + 1) % count);
                    Settle(vault, unit, $"{low} {high} {child} damaged", s_bounds[low], s_bounds[high], child, static pointer => pointer with { Stamp = default });
                    Settle(vault, unit, $"{low} {high} {child} twice", s_bounds[low], s_bounds[high], child, _ => other);
                    Settle(vault, unit, $"{low} {high} {child} nowhere", s_bounds[low], s_bounds[high], child, static pointer => pointer with { Address = new BlockAddress(BlockAddress.MaxValue) });
                }
            }
        }
    }

    private static void Settle(ForgedVault vault, in ContainerUnits.Unit unit, string what, TreeKey low, TreeKey high, int child, Func<BlockPointer, BlockPointer> change)
    {
        byte[] page = [.. unit.Plaintext];
        BranchPage branch = new(page);
        branch.SetKey(1, low);
        branch.SetKey(2, high);
        branch.SetPointer(child, change(branch.PointerAt(child)));
        OverlayMedium medium = vault.WithUnit(unit.Pointer, page);
        medium.IsReadOnly = false;
        RepairReport report = VaultChecker.Repair(medium, vault.Master, _ => { }, null, ForgedVault.Options(new SeededRandomSource(5)), CancellationToken.None);
        Assert.True(report.After.Findings.Keys.All(kind => kind is CheckFindingKind.FileData or CheckFindingKind.Inode), $"{what}: {string.Join(' ', report.After.Findings)}");
        Assert.True(report.Actions.Count(a => a.StartsWith("The space map was rebuilt", StringComparison.Ordinal)) <= 2, what);
    }
}
