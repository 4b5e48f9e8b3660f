namespace Vault.Storage;

/// <content>How pages become writable, split and merge. The caller holds the lock exclusively.</content>
internal sealed partial class CopyOnWriteTree
{
    private TreePage DescendForWrite(in TreeKey key, ref TreePath path, bool splitFullBranches)
    {
        _root = Writable(_root, isRoot: true);
        if (splitFullBranches && _root.Level > 0 && _root.Branch.Count == BranchPage.MaxCount)
            GrowRoot();
        TreePage page = _root;
        while (page.Level > 0)
        {
            int slot = page.Branch.Search(key);
            TreePage child = WritableChild(page, slot);
            if (splitFullBranches && child.Level > 0 && child.Branch.Count == BranchPage.MaxCount)
            {
                SplitBranch(page, slot, child);
                slot = page.Branch.Search(key);
                child = page.Children![slot]!;
            }

            path.Push(page, slot);
            page = child;
        }

        return page;
    }

    private TreePage WritableChild(TreePage branch, int slot)
    {
        TreePage child = Writable(Child(branch, slot), isRoot: false);
        branch.Children ??= new TreePage?[BranchPage.MaxCount];
        branch.Children[slot] = child;
        return child;
    }

    private TreePage Writable(TreePage page, bool isRoot)
    {
        if (page.Generation == _liveGeneration)
            return page;
        Replace(page, isRoot); // may fail on a damaged space map: before anything changes here
        TreePage copy = NewLivePage(page.Level);
        page.Bytes.CopyTo(copy.Bytes);
        copy.Children = (TreePage?[]?)page.Children?.Clone();
        return copy;
    }

    private TreePage NewLivePage(int level)
    {
        TreePage page = NewPage(level, _liveGeneration);
        _livePages.Add(page);
        return page;
    }

    // A page leaves the live tree: its blocks are free as soon as they are known.
    private void Replace(TreePage page, bool isRoot)
    {
        if (page.Generation == _liveGeneration)
        {
            _livePages.Remove(page);
            Crypto.PinnedBufferPool.Shared.Return(page.Buffer);
        }
        else if (_frozenRoot is not null && page.Generation == _frozenGeneration)
        {
            _replacedInFlight.Add(page); // the commit is giving it its address at this moment
        }
        else
        {
            _space.Free(page.Pointer);
            if (isRoot)
                _cache.Discard(page); // a clean root is in no cache
            else
                _cache.Remove(page.Pointer.Address);
        }
    }

    private void GrowRoot()
    {
        TreePage old = _root;
        TreePage root = NewLivePage(old.Level + 1);
        if (root.Level >= MaxDepth)
            throw new VaultCorruptionException(new CorruptionSite("tree page", old.Pointer.Address.OffsetBytes, "depth"));
        BranchPage.Format(root.Bytes, root.Level);
        root.Branch.Insert(0, default, default);
        root.Children = new TreePage?[BranchPage.MaxCount];
        root.Children[0] = old;
        _root = root;
        if (old.Level > 0)
            SplitBranch(root, 0, old);
    }

    // Splits a full branch: the upper half goes to a new page behind it. A branch that fills in order is left nearly full.
    private void SplitBranch(TreePage parent, int slot, TreePage branch)
    {
        int count = branch.Branch.Count;
        bool isLast = slot == parent.Branch.Count - 1;
        int keep = isLast ? count - (count / 8) : count / 2;
        TreePage right = NewLivePage(branch.Level);
        BranchPage.Format(right.Bytes, right.Level);
        right.Children = new TreePage?[BranchPage.MaxCount];
        TreeKey separator = branch.Branch.KeyAt(keep);
        for (int i = keep; i < count; i++)
        {
            right.Branch.Insert(i - keep, branch.Branch.KeyAt(i), branch.Branch.PointerAt(i));
            right.Children[i - keep] = branch.Children?[i];
        }

        for (int i = count - 1; i >= keep; i--)
            RemoveChild(branch, i);
        InsertChild(parent, slot + 1, separator, right);
    }

    private static void InsertChild(TreePage branch, int slot, in TreeKey key, TreePage child)
    {
        branch.Children ??= new TreePage?[BranchPage.MaxCount];
        Array.Copy(branch.Children, slot, branch.Children, slot + 1, branch.Branch.Count - slot);
        branch.Children[slot] = child;
        branch.Branch.Insert(slot, key, child.Pointer);
    }

    private static void RemoveChild(TreePage branch, int slot)
    {
        int count = branch.Branch.Count;
        branch.Branch.Remove(slot);
        if (branch.Children is { } children)
        {
            Array.Copy(children, slot + 1, children, slot, count - slot - 1);
            children[count - 1] = null;
        }
    }

    private void SplitLeaf(TreePath path, TreePage leaf, int index, in TreeKey key, ReadOnlySpan<byte> value)
    {
        if (path.Depth == 0)
        {
            GrowRoot();
            path.Push(_root, 0);
        }

        path.Pop(out TreePage parent, out int slot);
        LeafPage left = leaf.Leaf;
        int count = left.Count;
        TreePage rightPage = NewLivePage(0);
        LeafPage.Format(rightPage.Bytes);
        LeafPage right = rightPage.Leaf;
        int keep = KeepWhenSplitting(left, index, value.Length, isLast: slot == parent.Branch.Count - 1);
        for (int i = keep; i < count; i++)
            right.Append(left.KeyAt(i), left.ValueAt(i));
        left.Remove(keep, count);
        bool fits = index > keep || (index == keep && keep == count)
            ? right.TryInsert(index - keep, key, value)
            : left.TryInsert(index, key, value) || right.TryInsert(0, key, value);
        if (!fits)
            throw new InvalidOperationException("A leaf page overflowed after a split.");
        InsertChild(parent, slot + 1, right.KeyAt(0), rightPage);
    }

    // How many old items stay left so that the new one fits on its side. Keys that come in order leave full pages behind.
    private static int KeepWhenSplitting(LeafPage leaf, int index, int valueLength, bool isLast)
    {
        int count = leaf.Count;
        if (isLast && index == count)
            return count;
        int total = leaf.UsedBytes + LeafPage.SlotSize + valueLength;
        int left = 0;
        for (int i = 0; i < count; i++)
        {
            if (i == index)
                left += LeafPage.SlotSize + valueLength;
            if (left >= total / 2)
                return Math.Max(i, 1);
            left += LeafPage.SlotSize + leaf.ValueAt(i).Length;
        }

        return count - 1;
    }

    // After a removal: an empty page goes, a small one joins a neighbour, and so on upwards.
    private void Rebalance(TreePath path, TreePage page)
    {
        while (path.Depth > 0 && IsSparse(page))
        {
            path.Pop(out TreePage parent, out int slot);
            if (IsEmpty(page) && parent.Branch.Count > 1)
                DropChild(parent, slot, page);
            else
                Merge(parent, slot, page);
            page = parent;
        }

        ShrinkRoot();
    }

    private void ShrinkRoot()
    {
        while (_root.Level > 0 && _root.Branch.Count == 1)
        {
            TreePage only = WritableChild(_root, 0);
            Replace(_root, isRoot: true);
            _root = only;
        }
    }

    private static bool IsEmpty(TreePage page) => page.Level == 0 ? page.Leaf.Count == 0 : page.Branch.Count == 0;

    private static bool IsSparse(TreePage page) =>
        page.Level == 0 ? page.Leaf.UsedBytes < LeafPage.Capacity / 4 : page.Branch.Count < BranchPage.MaxCount / 4;

    private void DropChild(TreePage parent, int slot, TreePage child)
    {
        RemoveChild(parent, slot);
        Replace(child, isRoot: false);
    }

    private void Merge(TreePage parent, int slot, TreePage page)
    {
        int leftSlot = slot > 0 ? slot - 1 : slot;
        int otherSlot = slot > 0 ? slot - 1 : slot + 1;
        if (leftSlot + 1 >= parent.Branch.Count || !CanJoin(parent, otherSlot, page))
            return;
        TreePage left = WritableChild(parent, leftSlot);
        TreePage right = WritableChild(parent, leftSlot + 1);
        if (left.Level == 0)
            JoinLeaves(left.Leaf, right.Leaf);
        else
            JoinBranches(left, right, parent.Branch.KeyAt(leftSlot + 1));
        DropChild(parent, leftSlot + 1, right);
    }

    private bool CanJoin(TreePage parent, int otherSlot, TreePage page)
    {
        TreePage other;
        try
        {
            other = Child(parent, otherSlot);
        }
        catch (VaultException)
        {
            return false; // The neighbour is damaged: who asks for it gets the error; a sparse page does no harm.
        }

        return page.Level == 0
            ? page.Leaf.UsedBytes + other.Leaf.UsedBytes <= LeafPage.Capacity * 3 / 4
            : page.Branch.Count + other.Branch.Count <= BranchPage.MaxCount * 3 / 4;
    }

    private static void JoinLeaves(LeafPage left, LeafPage right)
    {
        for (int i = 0; i < right.Count; i++)
            left.Append(right.KeyAt(i), right.ValueAt(i));
    }

    private static void JoinBranches(TreePage left, TreePage right, in TreeKey separator)
    {
        left.Children ??= new TreePage?[BranchPage.MaxCount];
        for (int i = 0; i < right.Branch.Count; i++)
        {
            int at = left.Branch.Count;
            left.Branch.Insert(at, i == 0 ? separator : right.Branch.KeyAt(i), right.Branch.PointerAt(i));
            left.Children[at] = right.Children?[i];
        }
    }
}
