using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// The one B+tree of a vault, copy-on-write by generation: the live generation's pages change in memory; a page of
/// an older generation is copied before its first change. Not synchronized: readers hold <see cref="Lock"/> shared,
/// writers exclusively. A commit writes the frozen generation's pages with no lock held, since nothing else changes
/// them (docs/concurrency.md).
/// </summary>
internal sealed partial class CopyOnWriteTree : IDisposable
{
    /// <summary>Levels; far above what 2^48 blocks can fill.</summary>
    public const int MaxDepth = 12;

    private readonly SealedUnits _units;
    private readonly SpaceMap _space;
    private readonly PageCache _cache;

    private TreePage _root;
    private ulong _liveGeneration;
    private HashSet<TreePage> _livePages = [];

    /// <summary>Pages of the commit under way that the live generation has replaced already; freed once they have an address.</summary>
    private readonly List<TreePage> _replacedInFlight = [];

    private CopyOnWriteTree(SealedUnits units, SpaceMap space, long cacheBytes, ulong liveGeneration, TreePage root)
    {
        _units = units;
        _space = space;
        _cache = new PageCache(cacheBytes);
        _liveGeneration = liveGeneration;
        _root = root;
    }

    /// <summary>Shared to read, exclusive to change. Innermost but for the locks of space map and page cache.</summary>
    public ReaderWriterLockSlim Lock { get; } = new(LockRecursionPolicy.NoRecursion);

    /// <summary>Is told of each key that changes; null: nobody asks.</summary>
    public LogChanges? Changes { get; set; }

    /// <summary>Pages that the next commit must write.</summary>
    public int DirtyPageCount => _livePages.Count;

    /// <summary>Pages that the commit under way and the next one must write.</summary>
    public int UnwrittenPageCount => _livePages.Count + _frozenPages.Count;

    /// <summary>Counts changes: an operation that fails after its first one leaves the tree in doubt.</summary>
    public long ChangeCount { get; private set; }

    public bool ShouldRecycle => _cache.ShouldRecycle;

    /// <summary>A new tree: one empty leaf, dirty.</summary>
    public static CopyOnWriteTree CreateEmpty(SealedUnits units, SpaceMap space, long cacheBytes, ulong generation)
    {
        TreePage root = NewPage(0, generation);
        LeafPage.Format(root.Bytes);
        CopyOnWriteTree tree = new(units, space, cacheBytes, generation, root);
        tree._livePages.Add(root);
        return tree;
    }

    /// <summary>The tree under a root pointer from a verified superblock.</summary>
    /// <exception cref="VaultCorruptionException">The root page fails its check.</exception>
    public static CopyOnWriteTree Open(SealedUnits units, SpaceMap space, long cacheBytes, ulong liveGeneration, BlockPointer root) =>
        new(units, space, cacheBytes, liveGeneration, Load(units, root));

    /// <summary>Copies a value out.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Receives the value; must be long enough for what the table holds.</param>
    /// <param name="length">The value's length.</param>
    public bool TryGet(in TreeKey key, Span<byte> value, out int length)
    {
        TreePage leaf = FindLeaf(key);
        int index = leaf.Leaf.Search(key, out bool found);
        if (!found)
        {
            length = 0;
            return false;
        }

        Span<byte> stored = leaf.Leaf.ValueAt(index);
        length = stored.Length;
        if (!stored.TryCopyTo(value))
            throw new VaultCorruptionException(new CorruptionSite("tree value", leaf.Pointer.Address.OffsetBytes, "length"));
        return true;
    }

    public bool Contains(in TreeKey key)
    {
        _ = FindLeaf(key).Leaf.Search(key, out bool found);
        return found;
    }

    /// <summary>Finds the greatest key from <paramref name="from"/> up to but not including <paramref name="end"/>.</summary>
    public bool TryFindLast(in TreeKey from, in TreeKey end, out TreeKey last)
    {
        TreeKey? bound = end;
        while (bound is { } below && from.CompareTo(below) < 0)
        {
            LeafPage leaf = FindLeafBelow(below, out bound).Leaf;
            int index = leaf.Search(below, out _) - 1;
            if (index >= 0)
            {
                last = leaf.KeyAt(index);
                return last.CompareTo(from) >= 0;
            }
        }

        last = default;
        return false;
    }

    /// <summary>A scan upwards from the first key that is not below <paramref name="from"/>. Valid while the lock is held and nothing changes.</summary>
    public TreeScan Scan(scoped in TreeKey from) => new(this, from);

    /// <summary>Inserts or replaces.</summary>
    public void Put(in TreeKey key, ReadOnlySpan<byte> value) => Exchange(key, value, default, out _);

    /// <summary>Inserts or replaces, and copies out what was there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">At most <see cref="LeafPage.MaxValueSize"/> bytes.</param>
    /// <param name="old">Receives as much of the old value as fits.</param>
    /// <param name="oldLength">The old value's length; -1 if there was none.</param>
    public void Exchange(in TreeKey key, ReadOnlySpan<byte> value, Span<byte> old, out int oldLength)
    {
        if (value.Length > LeafPage.MaxValueSize)
            throw new ArgumentException("The value is longer than a leaf allows.", nameof(value));
        TreePath path = default;
        TreePage leaf = DescendForWrite(key, ref path, splitFullBranches: true);
        ChangeCount++;
        Changes?.Note(key);
        LeafPage view = leaf.Leaf;
        int index = view.Search(key, out bool found);
        oldLength = -1;
        if (found)
        {
            Span<byte> stored = view.ValueAt(index);
            oldLength = stored.Length;
            stored[..Math.Min(stored.Length, old.Length)].CopyTo(old);
            if (stored.Length == value.Length)
            {
                value.CopyTo(stored);
                return;
            }

            view.Remove(index, index + 1);
        }

        if (!view.TryInsert(index, key, value))
            SplitLeaf(path, leaf, index, key, value);
    }

    /// <summary>Removes a key.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(in TreeKey key)
    {
        if (!Contains(key))
            return false;
        TreePath path = default;
        TreePage leaf = DescendForWrite(key, ref path, splitFullBranches: false);
        ChangeCount++;
        Changes?.Note(key);
        int index = leaf.Leaf.Search(key, out _);
        leaf.Leaf.Remove(index, index + 1);
        Rebalance(path, leaf);
        return true;
    }

    /// <summary>
    /// Removes keys from <paramref name="from"/> up to but not including <paramref name="end"/>, leaf by leaf. All are read
    /// first: a damaged page fails the call before anything is changed.
    /// </summary>
    /// <param name="from">First key.</param>
    /// <param name="end">Key behind the last.</param>
    /// <param name="limit">At most this many.</param>
    /// <param name="removed">Is shown each value before it goes.</param>
    /// <returns>How many were removed; less than <paramref name="limit"/> if the range is empty now.</returns>
    public int RemoveRange(in TreeKey from, in TreeKey end, int limit, Action<ReadOnlySpan<byte>> removed)
    {
        TreeScan check = Scan(from);
        for (int i = 0; i < limit && check.MoveNext(end); i++)
        {
        }

        int count = 0;
        while (count < limit)
        {
            TreeScan scan = Scan(from);
            if (!scan.MoveNext(end))
                break;
            TreeKey first = scan.Key;
            TreePath path = default;
            TreePage leaf = DescendForWrite(first, ref path, splitFullBranches: false);
            ChangeCount++;
            LeafPage view = leaf.Leaf;
            int start = view.Search(first, out _);
            int stop = start;
            while (stop < view.Count && stop - start < limit - count && view.KeyAt(stop).CompareTo(end) < 0)
            {
                Changes?.Note(view.KeyAt(stop));
                removed(view.ValueAt(stop++));
            }

            if (stop == start)
                throw new VaultCorruptionException(new CorruptionSite("tree page", leaf.Pointer.Address.OffsetBytes, "order")); // the key lies where no search leads
            view.Remove(start, stop);
            count += stop - start;
            Rebalance(path, leaf);
        }

        return count;
    }

    /// <summary>Gives evicted pages back to the pool. The caller holds the lock exclusively.</summary>
    public void Recycle() => _cache.Recycle();

    public void Dispose()
    {
        _cache.Clear();
        foreach (TreePage page in _livePages.Union(_frozenPages).Append(_root).Distinct())
            PinnedBufferPool.Shared.Return(page.Buffer);
        Lock.Dispose();
    }

    internal TreePage FindLeaf(in TreeKey key)
    {
        TreePage page = _root;
        while (page.Level > 0)
            page = Child(page, page.Branch.Search(key));
        return page;
    }

    /// <summary>The leaf of a key, and the lower bound of the leaf behind it, if there is one.</summary>
    internal TreePage FindLeaf(in TreeKey key, out TreeKey? nextLeafKey)
    {
        nextLeafKey = null;
        TreePage page = _root;
        while (page.Level > 0)
        {
            int slot = page.Branch.Search(key);
            if (slot + 1 < page.Branch.Count)
                nextLeafKey = page.Branch.KeyAt(slot + 1);
            page = Child(page, slot);
        }

        return page;
    }

    // The leaf on which the keys right below a bound lie, if they exist, and its own lower bound, if it is not the first leaf.
    private TreePage FindLeafBelow(in TreeKey bound, out TreeKey? lowerBound)
    {
        lowerBound = null;
        TreePage page = _root;
        while (page.Level > 0)
        {
            int slot = page.Branch.Search(bound);
            if (slot > 0 && page.Branch.KeyAt(slot).CompareTo(bound) == 0)
                slot--;
            if (slot > 0)
                lowerBound = page.Branch.KeyAt(slot);
            page = Child(page, slot);
        }

        return page;
    }

    private static TreePage NewPage(int level, ulong generation) =>
        new(PinnedBufferPool.Shared.Rent(ContainerLayout.PageSize), level, generation);

    private static TreePage Load(SealedUnits units, in BlockPointer pointer)
    {
        bool isLeaf = pointer.Kind == SealKind.Leaf;
        if ((!isLeaf && pointer.Kind != SealKind.Branch) || pointer.BlockCount != ContainerLayout.PageBlocks)
            throw NotWellFormed(pointer);
        byte[] buffer = PinnedBufferPool.Shared.Rent(ContainerLayout.PageSize);
        try
        {
            Span<byte> bytes = buffer.AsSpan(0, ContainerLayout.PageSize);
            units.Read(pointer, bytes);
            if (!(isLeaf ? LeafPage.IsWellFormed(bytes) : BranchPage.IsWellFormed(bytes)))
                throw NotWellFormed(pointer);
            return new TreePage(buffer, bytes[1], pointer.Birth) { Pointer = pointer };
        }
        catch
        {
            PinnedBufferPool.Shared.Return(buffer);
            throw;
        }
    }

    private static VaultCorruptionException NotWellFormed(in BlockPointer pointer) =>
        new(new CorruptionSite("tree page", pointer.Address.OffsetBytes, "structure"));

    private TreePage Child(TreePage branch, int slot)
    {
        if (branch.Children?[slot] is { } inMemory)
            return inMemory;
        BlockPointer pointer = branch.Branch.PointerAt(slot);
        if (_cache.TryGet(pointer.Address, out TreePage cached))
            return cached.Level == branch.Level - 1 && cached.Pointer.Stamp == pointer.Stamp ? cached : throw NotWellFormed(pointer);
        TreePage loaded = Load(_units, pointer);
        if (loaded.Level == branch.Level - 1 && loaded.Generation < _liveGeneration)
            return _cache.Add(loaded);
        PinnedBufferPool.Shared.Return(loaded.Buffer);
        throw NotWellFormed(pointer);
    }
}
