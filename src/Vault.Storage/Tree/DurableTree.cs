using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// The tree of one durable state, read straight from the medium and around damage: nothing is mended, and what cannot be
/// read is told and skipped. Holds one page for each level and a few dozen for lookups. For one thread.
/// </summary>
/// <param name="units">Reads pages.</param>
/// <param name="root">From the state's superblock.</param>
/// <param name="generation">Pages that say they are younger do not count, since the file system does not take them either.</param>
internal sealed class DurableTree(SealedUnits units, BlockPointer root, ulong generation = ulong.MaxValue) : IDisposable
{
    private const int CachedPages = 64;

    private readonly byte[]?[] _pages = new byte[CachedPages][];
    private readonly ulong[] _pageAddresses = new ulong[CachedPages];

    /// <summary>How a lookup ended.</summary>
    public enum Outcome
    {
        Found,
        Missing,

        /// <summary>A page on the way cannot be read: whether the key exists is not known.</summary>
        Unreadable,
    }

    /// <summary>Whether the page that everything begins with can be used.</summary>
    public bool HasRoot => Cached(root, level: -1) is not null;

    /// <summary>Shows all keys from <paramref name="low"/> up to but not including <paramref name="end"/>, and every page on the way.</summary>
    /// <param name="visitor">Sees them; an exception of its own ends the walk.</param>
    /// <param name="low">First key; <c>default</c> is below all.</param>
    /// <param name="end">Key behind the last; <see cref="TreeKey.Highest"/> for all.</param>
    /// <param name="bothCopies">Whether to verify the second copy too where the first is good.</param>
    public void Walk(ITreeVisitor visitor, in TreeKey low, in TreeKey end, bool bothCopies) =>
        Visit(new Range(low, end, bothCopies, visitor), root, level: -1, default, TreeKey.Highest);

    /// <summary>Copies a value out.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">At least <see cref="LeafPage.MaxValueSize"/> bytes, or what the table can hold.</param>
    /// <param name="length">The value's length; as much of it as fits was copied.</param>
    public Outcome TryGet(in TreeKey key, Span<byte> value, out int length)
    {
        length = 0;
        BlockPointer pointer = root;
        for (int level = -1; ; level--)
        {
            if (Cached(pointer, level) is not { } buffer)
                return Outcome.Unreadable;
            Span<byte> page = buffer.AsSpan(0, ContainerLayout.PageSize);
            level = page[1];
            if (level > 0)
            {
                BranchPage branch = new(page);
                pointer = branch.PointerAt(branch.Search(key));
                continue;
            }

            LeafPage leaf = new(page);
            int index = leaf.Search(key, out bool found);
            if (!found)
                return Outcome.Missing;
            Span<byte> stored = leaf.ValueAt(index);
            length = stored.Length;
            stored[..Math.Min(length, value.Length)].CopyTo(value);
            return Outcome.Found;
        }
    }

    public void Dispose()
    {
        foreach (byte[]? page in _pages)
        {
            if (page is not null)
                PinnedBufferPool.Shared.Return(page);
        }

        Array.Clear(_pages);
    }

    private void Visit(in Range range, in BlockPointer pointer, int level, in TreeKey low, in TreeKey end)
    {
        if (!range.Visitor.OnPage(pointer))
        {
            range.Visitor.OnUnreadable(pointer, low, end, level, "place");
            return;
        }

        byte[] buffer = PinnedBufferPool.Shared.Rent(ContainerLayout.PageSize);
        try
        {
            Span<byte> page = buffer.AsSpan(0, ContainerLayout.PageSize);
            string? failed = Load(pointer, level, page, range.BothCopies, out BlockAddress damagedCopy);
            if (failed is not null)
            {
                int known = level < 0 && pointer.Kind == SealKind.Leaf ? 0 : level;
                range.Visitor.OnUnreadable(pointer, low, end, known, failed);
                return;
            }

            range.Visitor.OnPageRead(pointer, damagedCopy);
            if (page[1] == 0)
                ShowEntries(range, pointer, new LeafPage(page), low, end);
            else
                VisitChildren(range, new BranchPage(page), page[1] - 1, low, end);
        }
        finally
        {
            PinnedBufferPool.Shared.Return(buffer);
        }
    }

    private void VisitChildren(in Range range, BranchPage branch, int level, in TreeKey low, in TreeKey end)
    {
        // Bounds that do not lie within the page's own leave nothing between them: such a child is shown as misplaced keys.
        for (int i = 0; i < branch.Count; i++)
        {
            TreeKey childLow = i == 0 ? low : Max(branch.KeyAt(i), low);
            TreeKey childEnd = i + 1 < branch.Count ? Min(branch.KeyAt(i + 1), end) : end;
            if (range.Touches(childLow, childEnd))
                Visit(range, branch.PointerAt(i), level, childLow, childEnd);
        }
    }

    private static void ShowEntries(in Range range, in BlockPointer pointer, LeafPage leaf, in TreeKey low, in TreeKey end)
    {
        for (int i = 0; i < leaf.Count; i++)
        {
            TreeKey key = leaf.KeyAt(i);
            if (!range.Contains(key))
                continue;
            if (key.CompareTo(low) < 0 || IsBehind(key, end))
                range.Visitor.OnMisplaced(pointer, low, key, leaf.ValueAt(i));
            else
                range.Visitor.OnEntry(key, leaf.ValueAt(i));
        }
    }

    // Levels go down by one from parent to child, so that no tree is deeper than its root says.
    private string? Load(in BlockPointer pointer, int level, Span<byte> page, bool bothCopies, out BlockAddress damagedCopy)
    {
        damagedCopy = default;
        bool isLeaf = pointer.Kind == SealKind.Leaf;
        if ((!isLeaf && pointer.Kind != SealKind.Branch) || pointer.BlockCount != ContainerLayout.PageBlocks || pointer.Birth > generation || (level >= 0 && isLeaf != (level == 0)))
            return "structure";
        bool hasSecond = !pointer.Second.IsNone;
        if (hasSecond && bothCopies && !units.TryReadCopy(pointer, pointer.Second, page))
            damagedCopy = pointer.Second;
        if (!units.TryReadCopy(pointer, pointer.Address, page))
        {
            if (!hasSecond || !damagedCopy.IsNone || !units.TryReadCopy(pointer, pointer.Second, page))
                return "tag";
            damagedCopy = pointer.Address;
        }

        bool isWellFormed = isLeaf ? LeafPage.IsWellFormed(page) : BranchPage.IsWellFormed(page);
        return isWellFormed && (level < 0 || page[1] == level) ? null : "structure";
    }

    private byte[]? Cached(in BlockPointer pointer, int level)
    {
        int slot = (int)(pointer.Address.Value / ContainerLayout.PageBlocks % CachedPages);
        byte[] buffer = _pages[slot] ??= PinnedBufferPool.Shared.Rent(ContainerLayout.PageSize);
        if (_pageAddresses[slot] == pointer.Address.Value && (level < 0 || buffer[1] == level))
            return buffer;
        _pageAddresses[slot] = 0;
        if (Load(pointer, level, buffer.AsSpan(0, ContainerLayout.PageSize), bothCopies: false, out _) is not null)
            return null;
        _pageAddresses[slot] = pointer.Address.Value;
        return buffer;
    }

    private static TreeKey Max(in TreeKey a, in TreeKey b) => a.CompareTo(b) < 0 ? b : a;

    private static TreeKey Min(in TreeKey a, in TreeKey b) => a.CompareTo(b) < 0 ? a : b;

    // No key is behind the highest one: as an end it is none.
    private static bool IsBehind(in TreeKey key, in TreeKey end) => end != TreeKey.Highest && key.CompareTo(end) >= 0;

    private readonly record struct Range(TreeKey Low, TreeKey End, bool BothCopies, ITreeVisitor Visitor)
    {
        public bool Contains(in TreeKey key) => key.CompareTo(Low) >= 0 && !IsBehind(key, End);

        // A walk over all keys comes by every page, those between whose bounds nothing can lie too.
        public bool Touches(in TreeKey low, in TreeKey end) => (Low == default || end.CompareTo(Low) > 0) && !IsBehind(low, End);
    }
}
