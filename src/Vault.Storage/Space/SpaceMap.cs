namespace Vault.Storage;

/// <summary>
/// Which blocks are used. Freed blocks are held back until the next generation is durable, so that the newest two
/// states stay whole. Grows the medium in steps. Safe for concurrent use; no other lock is taken under its own.
/// </summary>
internal sealed partial class SpaceMap
{
    private const ulong MinimumGrowth = 256;
    private const ulong MaximumGrowth = 16 * 1024;

    /// <summary>Blocks of the reserve that changes may use up between two commits.</summary>
    private const long CommitSlack = 96;

    private readonly IMedium _medium;
    private readonly SealedUnits _units;
    private readonly SpaceIndex _index;
    private readonly SpaceIndex? _previousIndex;
    private readonly bool _previousIsUnread;
    private readonly List<BitmapPage?> _groups = [];
    private readonly List<BitmapPage> _frozenDirty = [];
    private readonly Lock _lock = new();

    private List<BitmapPage> _dirty = [];
    private List<Extent> _heldByLive = [];
    private List<Extent> _heldByCommit = [];
    private List<Extent> _heldByDurable = [];
    private ulong _totalBlocks;
    private long _freeBlocks;
    private long _frozenFreeBlocks;
    private long _heldBlocks;

    /// <summary>Whole slots of the groups that are loaded, those beyond the end of the container too.</summary>
    private long _wholeSlots;

    private ulong _liveGeneration;
    private bool _commitIsRunning;
    private bool _nextIsDurable;

    /// <param name="medium">Grows.</param>
    /// <param name="units">Reads and writes bitmap and index pages.</param>
    /// <param name="root">From the superblock that was opened.</param>
    /// <param name="previous">From the superblock of the generation before, if it can be read: its blocks are held back.</param>
    /// <param name="liveGeneration">The generation that the next commit makes.</param>
    public SpaceMap(IMedium medium, SealedUnits units, SpaceMapRoot root, SpaceMapRoot? previous, ulong liveGeneration)
    {
        _medium = medium;
        _units = units;
        _index = new SpaceIndex(units, root.Index, root.Depth);
        _previousIndex = OpenPrevious(units, previous, out _previousIsUnread);
        _totalBlocks = root.TotalBlocks;
        _freeBlocks = root.FreeBlocks;
        _liveGeneration = liveGeneration;
    }

    private readonly record struct Extent(BlockAddress Start, int Count);

    public long FreeBlocks
    {
        get
        {
            lock (_lock)
                return _freeBlocks;
        }
    }

    /// <summary>Free blocks that wait for the next commits to become usable.</summary>
    public long HeldBlocks
    {
        get
        {
            lock (_lock)
                return _heldBlocks;
        }
    }

    public ulong TotalBlocks
    {
        get
        {
            lock (_lock)
                return _totalBlocks;
        }
    }

    /// <summary>Free blocks that ordinary data may not take: what the next commit and deletions need. Set by the tree.</summary>
    public long MetadataReserve { get; set; }

    /// <summary>The map of a container that is being made: everything before the first data block is used.</summary>
    public static SpaceMap CreateEmpty(IMedium medium, SealedUnits units, ulong generation)
    {
        SpaceMapRoot root = new(default, 0, ContainerLayout.InitialBlockCount, (long)ContainerLayout.InitialBlockCount);
        SpaceMap map = new(medium, units, root, null, generation);
        lock (map._lock)
            map.MarkUsed(map.Group(0), 0, (int)ContainerLayout.FirstDataBlock, byCommit: false);
        return map;
    }

    /// <summary>Whether the next commit still has what it needs, if not all that deletions should find: grows nothing.</summary>
    public bool HasCommitRoom()
    {
        lock (_lock)
        {
            return _freeBlocks - _heldBlocks >= MetadataReserve - CommitSlack
                && HasSlots((MetadataReserve - CommitSlack) / BitmapPage.SlotBlocks);
        }
    }

    /// <summary>Whether the next commit has the room that it needs; grows the container if not.</summary>
    public bool HasMetadataRoom()
    {
        lock (_lock)
            return HasRoomFor(0);
    }

    /// <summary>Allocates one run for file data: the longest of wanted, half of it, ... minimum.</summary>
    /// <param name="wanted">Blocks, at most 256.</param>
    /// <param name="minimum">Blocks; less is of no use.</param>
    /// <param name="mayUseReserve">Whether what is kept for commits and deletions may be used.</param>
    /// <param name="start">First block of the run.</param>
    /// <param name="count">Its length.</param>
    /// <returns>False: the host is full, or the space too fragmented.</returns>
    public bool TryAllocateRun(int wanted, int minimum, bool mayUseReserve, out BlockAddress start, out int count)
    {
        start = default;
        count = 0;
        lock (_lock)
        {
            if (!HasRoomFor(wanted))
            {
                wanted = minimum;
                if (!mayUseReserve && !HasRoomFor(minimum))
                    return false;
            }

            return TryAllocateLongest(wanted, minimum, out start, out count)
                || (TryGrow((ulong)wanted) && TryAllocateLongest(wanted, minimum, out start, out count))
                || (mayUseReserve && TryAllocateExisting(count, BlockAddress.None, byCommit: false, inPieces: false, out start));
        }
    }

    /// <summary>Frees a run. Space of the live generation can be used again at once, older space after the next commit but one.</summary>
    public void Free(BlockAddress start, int count, ulong birth)
    {
        lock (_lock)
            FreeLocked(start, count, hold: birth != _liveGeneration, _heldByLive, byCommit: false);
    }

    /// <summary>Frees what a pointer names: both copies or, if the map does not know them as used or cannot be read, neither.</summary>
    /// <exception cref="VaultCorruptionException">Pointer and map contradict each other.</exception>
    public void Free(in BlockPointer pointer)
    {
        lock (_lock)
        {
            CheckUsed(pointer.Address, pointer.BlockCount);
            if (!pointer.Second.IsNone)
                CheckUsed(pointer.Second, pointer.BlockCount);
            Free(pointer.Address, pointer.BlockCount, pointer.Birth);
            if (!pointer.Second.IsNone)
                Free(pointer.Second, pointer.BlockCount, pointer.Birth);
        }
    }

    private static int GroupOf(BlockAddress address) => checked((int)(address.Value / BitmapPage.BlocksPerGroup));

    private static int BitOf(BlockAddress address) => (int)(address.Value % BitmapPage.BlocksPerGroup);

    private static BlockAddress AddressOf(int group, int bit) => new(((ulong)group * BitmapPage.BlocksPerGroup) + (ulong)bit);

    private void FreeLocked(BlockAddress start, int count, bool hold, List<Extent> held, bool byCommit)
    {
        CheckUsed(start, count);
        BitmapPage page = Group(GroupOf(start));
        _wholeSlots -= page.WholeSlots;
        page.Mark(BitOf(start), count, used: false, _commitIsRunning, byCommit);
        if (hold)
            page.Hold(BitOf(start), count);
        _wholeSlots += page.WholeSlots;
        MarkDirty(page, byCommit);
        AdjustFree(count, byCommit);
        if (!hold)
            return;
        held.Add(new Extent(start, count));
        _heldBlocks += count;
    }

    private void MarkUsed(BitmapPage page, int bit, int count, bool byCommit)
    {
        _wholeSlots -= page.WholeSlots;
        page.Mark(bit, count, used: true, _commitIsRunning, byCommit);
        _wholeSlots += page.WholeSlots;
        MarkDirty(page, byCommit);
        AdjustFree(-count, byCommit);
    }

    private void AdjustFree(long blocks, bool byCommit)
    {
        _freeBlocks += blocks;
        if (byCommit)
            _frozenFreeBlocks += blocks;
    }

    private void MarkDirty(BitmapPage page, bool byCommit)
    {
        if (byCommit)
        {
            AddFrozenDirty(page);
        }
        else if (!page.IsDirty)
        {
            page.IsDirty = true;
            _dirty.Add(page);
        }
    }

    private void AddFrozenDirty(BitmapPage page)
    {
        if (page.IsFrozenDirty)
            return;
        page.IsFrozenDirty = true;
        _frozenDirty.Add(page);
    }

    private bool TryAllocateLongest(int wanted, int minimum, out BlockAddress start, out int count)
    {
        for (count = wanted; count > minimum; count = Math.Max(minimum, count / 2))
        {
            if (TryAllocateData(count, out start))
                return true;
        }

        return TryAllocateData(count, out start);
    }

    // Data takes no slot that commits count on: where slots are scarce, it goes into the pieces between them.
    private bool TryAllocateData(int count, out BlockAddress start)
    {
        long slots = (MetadataReserve / BitmapPage.SlotBlocks) + (count / BitmapPage.SlotBlocks) + 2;
        return TryAllocateExisting(count, BlockAddress.None, byCommit: false, inPieces: !HasSlots(slots), out start);
    }

    private bool TryAllocateExisting(int count, BlockAddress farFrom, bool byCommit, bool inPieces, out BlockAddress start)
    {
        for (int group = 0; group < GroupCount; group++)
        {
            BitmapPage page = Group(group);
            int limit = (int)Math.Min(BitmapPage.BlocksPerGroup, _totalBlocks - ((ulong)group * BitmapPage.BlocksPerGroup));
            int bit = inPieces ? page.FindRunInPieces(count, limit)
                : farFrom.IsNone ? page.FindRun(count, limit) : FindFarRun(page, count, limit, farFrom);
            if (bit < 0)
                continue;
            MarkUsed(page, bit, count, byCommit);
            start = AddressOf(group, bit);
            return true;
        }

        start = default;
        return false;
    }

    // The second copy: at least 1 MiB from the first where the container has such a place, else anywhere.
    private static int FindFarRun(BitmapPage page, int count, int limit, BlockAddress farFrom)
    {
        if (GroupOf(farFrom) == page.Group)
        {
            int bit = page.FindRunFrom(BitOf(farFrom) + (int)MinimumGrowth, count, limit);
            if (bit >= 0)
                return bit;
        }

        return page.FindRun(count, limit);
    }

    private bool HasRoomFor(long blocks)
    {
        long missing = blocks + MetadataReserve - (_freeBlocks - _heldBlocks);
        bool hasSlots = HasSlots(MetadataReserve / BitmapPage.SlotBlocks);
        return (missing <= 0 && hasSlots) || TryGrow((ulong)Math.Max(missing, hasSlots ? 0 : MetadataReserve));
    }

    private bool TryGrow(ulong needed)
    {
        ulong step = Math.Clamp(_totalBlocks / 8 / MinimumGrowth * MinimumGrowth, MinimumGrowth, MaximumGrowth);
        ulong rounded = (needed + MinimumGrowth - 1) / MinimumGrowth * MinimumGrowth;
        return TryGrowBy(Math.Max(step, rounded)) || (rounded < step && TryGrowBy(rounded));
    }

    private bool TryGrowBy(ulong blocks)
    {
        if (_totalBlocks + blocks > BlockAddress.MaxValue)
            return false;
        try
        {
            _medium.Allocate(checked((long)_totalBlocks * ContainerLayout.BlockSize), checked((long)blocks * ContainerLayout.BlockSize));
        }
        catch (VaultException e) when (e.Failure == VaultFailure.NoSpace)
        {
            return false;
        }

        _totalBlocks += blocks;
        AdjustFree((long)blocks, byCommit: _commitIsRunning);
        return true;
    }

    private bool IsInRange(BlockAddress start, int count) =>
        start.Value >= ContainerLayout.FirstDataBlock && start.Value + (ulong)count <= _totalBlocks && BitOf(start) + count <= BitmapPage.BlocksPerGroup;

    // Pointers that are freed come from the container: the map must agree before anything changes.
    private void CheckUsed(BlockAddress start, int count)
    {
        bool isUsed = IsInRange(start, count);
        for (int i = 0; isUsed && i < count; i++)
            isUsed = Group(GroupOf(start)).IsUsed(BitOf(start) + i);
        if (!isUsed)
            throw new VaultCorruptionException(new CorruptionSite("space map", start.OffsetBytes, "use"));
    }
}
