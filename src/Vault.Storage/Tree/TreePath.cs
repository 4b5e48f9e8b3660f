using System.Runtime.CompilerServices;

namespace Vault.Storage;

/// <summary>The branches from the root down to a leaf, and the slot taken in each. On the stack.</summary>
internal struct TreePath
{
    private Pages _pages;
    private Slots _slots;

    public int Depth { get; private set; }

    public void Push(TreePage branch, int slot)
    {
        _pages[Depth] = branch;
        _slots[Depth] = slot;
        Depth++;
    }

    public void Pop(out TreePage branch, out int slot)
    {
        Depth--;
        branch = _pages[Depth];
        slot = _slots[Depth];
    }

    [InlineArray(CopyOnWriteTree.MaxDepth)]
    private struct Pages
    {
        private TreePage _first;
    }

    [InlineArray(CopyOnWriteTree.MaxDepth)]
    private struct Slots
    {
        private int _first;
    }
}
