namespace Vault.Storage;

/// <content>How pages that cannot be used are taken out of the tree. The caller holds the lock exclusively.</content>
internal sealed partial class CopyOnWriteTree
{
    /// <summary>
    /// Takes pages out of the tree: their keys are absent from then on. A branch that is left without children goes too. The
    /// blocks of the pages are left to the caller.
    /// </summary>
    /// <param name="pages">
    /// Each with its lower bound, as <see cref="DurableTree.Walk"/> shows it: a page may be met in two places, of which one is right.
    /// Not the root. The tree is as it was opened.
    /// </param>
    public void Drop(IReadOnlySet<(BlockPointer Pointer, TreeKey Low)> pages)
    {
        if (!LeadsToAny(_root, default, pages))
            return;
        ChangeCount++;
        _root = Writable(_root, isRoot: true);
        DropBelow(_root, default, pages);
        if (_root.Branch.Count == 0)
        {
            Replace(_root, isRoot: true);
            _root = NewLivePage(0);
            LeafPage.Format(_root.Bytes);
        }

        ShrinkRoot();
    }

    // By place and not by key: where bounds contradict each other, no search leads to a page that a walk comes by.
    private void DropBelow(TreePage branch, in TreeKey low, IReadOnlySet<(BlockPointer Pointer, TreeKey Low)> pages)
    {
        for (int slot = branch.Branch.Count - 1; slot >= 0; slot--)
        {
            TreeKey childLow = LowOf(branch, slot, low);
            if (pages.Contains((branch.Branch.PointerAt(slot), childLow)))
            {
                RemoveChild(branch, slot);
            }
            else if (branch.Level > 1 && LeadsToAny(Child(branch, slot), childLow, pages))
            {
                TreePage child = WritableChild(branch, slot);
                DropBelow(child, childLow, pages);
                if (child.Branch.Count == 0)
                    DropChild(branch, slot, child);
            }
        }
    }

    private bool LeadsToAny(TreePage page, in TreeKey low, IReadOnlySet<(BlockPointer Pointer, TreeKey Low)> pages)
    {
        for (int slot = 0; page.Level > 0 && slot < page.Branch.Count; slot++)
        {
            TreeKey childLow = LowOf(page, slot, low);
            if (pages.Contains((page.Branch.PointerAt(slot), childLow)) || (page.Level > 1 && LeadsToAny(Child(page, slot), childLow, pages)))
                return true;
        }

        return false;
    }

    private static TreeKey LowOf(TreePage branch, int slot, in TreeKey low) =>
        slot == 0 || branch.Branch.KeyAt(slot).CompareTo(low) < 0 ? low : branch.Branch.KeyAt(slot);
}
