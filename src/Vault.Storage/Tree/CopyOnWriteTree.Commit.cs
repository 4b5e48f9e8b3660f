using Vault.Crypto;

namespace Vault.Storage;

/// <content>How a generation is frozen and written.</content>
internal sealed partial class CopyOnWriteTree
{
    private HashSet<TreePage> _frozenPages = [];
    private TreePage? _frozenRoot;
    private ulong _frozenGeneration;

    /// <summary>Begins a commit: the live tree as it is becomes the frozen one. The caller holds the lock exclusively.</summary>
    public void Freeze(ulong nextGeneration)
    {
        if (_frozenRoot is not null)
            throw new InvalidOperationException("A commit began before the one before it ended.");
        _frozenRoot = _root;
        _frozenGeneration = _liveGeneration;
        (_frozenPages, _livePages) = (_livePages, _frozenPages);
        _liveGeneration = nextGeneration;
    }

    /// <summary>Writes the frozen pages, children first, with no lock held. Can be called again after a failure: goes on where it stopped.</summary>
    /// <returns>The root's pointer, for the superblock.</returns>
    public BlockPointer WriteFrozen()
    {
        if (_frozenRoot!.IsDirty)
            Write(_frozenRoot);
        return _frozenRoot.Pointer;
    }

    /// <summary>Ends the commit: its pages are clean and may be evicted. The caller holds the lock exclusively.</summary>
    public void Thaw()
    {
        foreach (TreePage page in _frozenPages)
        {
            page.Children = null;
            if (ReferenceEquals(page, _root))
                continue;
            if (ReferenceEquals(page, _frozenRoot))
                _cache.Discard(page); // the live root has replaced it
            else
                _ = _cache.Add(page);
        }

        foreach (TreePage page in _livePages)
            ForgetCleanChildren(page);
        foreach (TreePage page in _replacedInFlight)
        {
            _space.Free(page.Pointer);
            _cache.Remove(page.Pointer.Address);
        }

        _replacedInFlight.Clear();
        _frozenPages.Clear();
        _frozenRoot = null;
    }

    // A live branch that still holds a page which is clean now takes its pointer instead: no page outside the cache is clean.
    private static void ForgetCleanChildren(TreePage page)
    {
        if (page.Children is not { } children)
            return;
        for (int i = 0; i < page.Branch.Count; i++)
        {
            if (children[i] is { IsDirty: false } clean)
            {
                page.Branch.SetPointer(i, clean.Pointer);
                children[i] = null;
            }
        }
    }

    private void Write(TreePage page)
    {
        if (page.Level > 0 && page.Children is { } children)
        {
            for (int i = 0; i < page.Branch.Count; i++)
            {
                if (children[i] is not { } child)
                    continue;
                if (child.IsDirty)
                    Write(child);
                page.Branch.SetPointer(i, child.Pointer);
            }
        }

        bool isLeaf = page.Level == 0;
        if (!(isLeaf ? LeafPage.IsWellFormed(page.Bytes) : BranchPage.IsWellFormed(page.Bytes)))
            throw new VaultCorruptionException(new CorruptionSite("tree page", 0, "order")); // made out of pages whose keys do not follow each other
        BlockPointer place = _space.AllocateForCommit(isLeaf ? SealKind.Leaf : SealKind.Branch, ContainerLayout.PageBlocks, page.Generation, twice: !isLeaf);
        try
        {
            page.Pointer = _units.Write(place, page.Bytes);
        }
        catch (VaultException)
        {
            _space.GiveBackForCommit(place); // the page finds another place when the commit is tried again
            throw;
        }
    }
}
