using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// Which blocks are used. Freed blocks are held back until the next generation is durable, so that the newest two
/// states stay whole. Grows the medium in steps. Safe for concurrent use; no other lock is taken under its own.
/// </summary>
internal sealed class SpaceMap
{
    private const ulong MinimumGrowth = 256;
    private const ulong MaximumGrowth = 16 * 1024;

    /// <summary>Blocks of the reserve that changes may use up between two commits.</summary>
    private const long CommitSlack = 96;

    private readonly IMedium _medium;
    private readonly SealedUnits _units;
    private readonly SpaceIndex _index;
    private readonly SpaceIndex? _previousIndex;
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
    private long _reservedBlocks;
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
        _previousIndex = OpenPrevious(units, previous);
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

    /// <summary>Sets blocks aside for data that will be written later, growing the container if needed.</summary>
    /// <returns>False: the host is full.</returns>
    public bool TryReserve(long blocks)
    {
        lock (_lock)
        {
            if (!HasRoomFor(blocks))
                return false;
            _reservedBlocks += blocks;
            return true;
        }
    }

    /// <summary>Sets blocks aside whether or not there is room: for what must work on a full host.</summary>
    public void Reserve(long blocks)
    {
        lock (_lock)
            _reservedBlocks += blocks;
    }

    /// <summary>Whether the next commit still has what it needs, if not all that deletions should find: grows nothing.</summary>
    public bool HasCommitRoom()
    {
        lock (_lock)
            return _freeBlocks - _heldBlocks - _reservedBlocks >= MetadataReserve - CommitSlack;
    }

    /// <summary>Whether the next commit has the room that it needs; grows the container if not.</summary>
    public bool HasMetadataRoom()
    {
        lock (_lock)
            return HasRoomFor(0);
    }

    public void Unreserve(long blocks)
    {
        lock (_lock)
        {
            _reservedBlocks -= blocks;
            if (_reservedBlocks < 0)
                throw new InvalidOperationException("More blocks were given back than were reserved.");
        }
    }

    /// <summary>Allocates one run for file data that holds a reservation: the longest of wanted, half of it, ... minimum.</summary>
    /// <returns>False: no run of the minimum length can be had, the host is full or the space too fragmented.</returns>
    public bool TryAllocateRun(int wanted, int minimum, out BlockAddress start, out int count)
    {
        lock (_lock)
        {
            return TryAllocateLongest(wanted, minimum, out start, out count)
                || (TryGrow((ulong)wanted) && TryAllocateLongest(wanted, minimum, out start, out count));
        }
    }

    /// <summary>Finds a place for a unit of the commit under way, from the reserve if need be.</summary>
    /// <param name="kind">Of the unit.</param>
    /// <param name="count">Blocks of the unit.</param>
    /// <param name="birth">Its generation.</param>
    /// <param name="twice">Whether it is stored twice: the copies then lie away from each other.</param>
    /// <returns>The unit's pointer, without a stamp.</returns>
    /// <exception cref="VaultException">NoSpace: nothing was allocated; the commit fails as a whole and can be tried again.</exception>
    public BlockPointer AllocateForCommit(SealKind kind, int count, ulong birth, bool twice)
    {
        lock (_lock)
        {
            if (TryAllocateForCommit(count, BlockAddress.None, out BlockAddress first))
            {
                BlockAddress second = BlockAddress.None;
                if (!twice || TryAllocateForCommit(count, first, out second))
                    return new BlockPointer(first, second, kind, count, 0, birth, default);
                FreeLocked(first, count, hold: false, _heldByCommit, byCommit: true);
            }
        }

        throw new VaultException(VaultFailure.NoSpace, "No space left on the host for a commit; the state before it stands.");
    }

    /// <summary>Gives back the place of a unit of the commit under way that could not be written.</summary>
    public void GiveBackForCommit(in BlockPointer place)
    {
        lock (_lock)
        {
            FreeLocked(place.Address, place.BlockCount, hold: false, _heldByCommit, byCommit: true);
            if (!place.Second.IsNone)
                FreeLocked(place.Second, place.BlockCount, hold: false, _heldByCommit, byCommit: true);
        }
    }

    /// <summary>Frees a run. Space of the live generation can be used again at once, older space after the next commit but one.</summary>
    public void Free(BlockAddress start, int count, ulong birth)
    {
        lock (_lock)
            FreeLocked(start, count, hold: birth != _liveGeneration, _heldByLive, byCommit: false);
    }

    /// <summary>Frees what a pointer names, both copies or, if a bitmap cannot be read, neither.</summary>
    public void Free(in BlockPointer pointer)
    {
        lock (_lock)
        {
            _ = Group(GroupOf(pointer.Address));
            if (!pointer.Second.IsNone)
                _ = Group(GroupOf(pointer.Second));
            Free(pointer.Address, pointer.BlockCount, pointer.Birth);
            if (!pointer.Second.IsNone)
                Free(pointer.Second, pointer.BlockCount, pointer.Birth);
        }
    }

    /// <summary>Begins a commit: what was done so far is its, what follows is the next one's. The caller has stopped all changes.</summary>
    public void Freeze(ulong nextGeneration)
    {
        lock (_lock)
        {
            foreach (BitmapPage page in _dirty)
            {
                page.IsDirty = false;
                AddFrozenDirty(page);
            }

            _dirty = [];
            (_heldByCommit, _heldByLive) = (_heldByLive, _heldByCommit);
            if (_heldByLive.Count != 0)
                throw new InvalidOperationException("A commit began before the one before it ended.");
            _liveGeneration = nextGeneration;
            _frozenFreeBlocks = _freeBlocks;
            _commitIsRunning = true;
        }
    }

    /// <summary>Writes the changed bitmap and index pages of the commit under way. Can be called again after a failure.</summary>
    /// <param name="generation">The generation of the commit.</param>
    /// <returns>What the superblock must say.</returns>
    public SpaceMapRoot WriteFrozen(ulong generation)
    {
        AssignPlaces(generation);
        List<BitmapPage> pages = [.. _frozenDirty];
        Span<byte> bytes = stackalloc byte[ContainerLayout.BlockSize];
        foreach (BitmapPage page in pages)
        {
            int free;
            lock (_lock)
            {
                page.Frozen.CopyTo(bytes);
                free = page.FrozenFreeCount;
            }

            BlockPointer written = _units.Write(page.Pointer with { Spare = (ushort)free }, bytes);
            lock (_lock)
            {
                page.Pointer = written;
                _index.Set(page.Group, written);
            }
        }

        _index.WriteDirty();
        lock (_lock)
            return new SpaceMapRoot(_index.RootPointer, _index.Depth, _totalBlocks, _frozenFreeBlocks);
    }

    /// <summary>Ends the commit, which is durable: what the durable generation before it freed can be used again.</summary>
    public void ReleaseHeld()
    {
        lock (_lock)
        {
            foreach (BitmapPage page in _frozenDirty)
            {
                page.IsFrozenDirty = false;
                page.HasNewPlace = false;
            }

            foreach (BitmapPage? page in _groups)
                page?.Thaw();
            _frozenDirty.Clear();
            foreach (Extent extent in _heldByDurable)
            {
                BitmapPage page = Group(GroupOf(extent.Start));
                page.Release(BitOf(extent.Start), extent.Count);
                _heldBlocks -= extent.Count;
            }

            _heldByDurable.Clear();
            (_heldByDurable, _heldByCommit) = (_heldByCommit, _heldByDurable);
            _commitIsRunning = false;
            _nextIsDurable = true;
        }
    }

    private static int GroupOf(BlockAddress address) => checked((int)(address.Value / BitmapPage.BlocksPerGroup));

    private static int BitOf(BlockAddress address) => (int)(address.Value % BitmapPage.BlocksPerGroup);

    private static BlockAddress AddressOf(int group, int bit) => new(((ulong)group * BitmapPage.BlocksPerGroup) + (ulong)bit);

    // Giving a page its place changes bitmaps, which then need places themselves: until nothing changes any more.
    private void AssignPlaces(ulong generation)
    {
        bool any = true;
        while (any)
        {
            any = false;
            for (int i = 0; i < _frozenDirty.Count; i++) // grows while it is walked
            {
                BitmapPage page = _frozenDirty[i];
                if (page.HasNewPlace)
                    continue;
                page.Pointer = Move(page.Pointer, SealKind.SpaceBitmap, generation, twice: false);
                page.HasNewPlace = true;
                lock (_lock)
                    _index.Set(page.Group, page.Pointer);
                any = true;
            }

            any |= _index.AssignDirty(old => Move(old, SealKind.SpaceIndex, generation, twice: true));
        }
    }

    private BlockPointer Move(in BlockPointer old, SealKind kind, ulong generation, bool twice)
    {
        BlockPointer place = AllocateForCommit(kind, 1, generation, twice); // may fail: before anything is freed
        if (!old.IsNone)
        {
            lock (_lock)
            {
                FreeLocked(old.Address, old.BlockCount, hold: true, _heldByCommit, byCommit: true);
                if (!old.Second.IsNone)
                    FreeLocked(old.Second, old.BlockCount, hold: true, _heldByCommit, byCommit: true);
            }
        }

        return place;
    }

    private bool TryAllocateForCommit(int count, BlockAddress farFrom, out BlockAddress start) =>
        TryAllocateExisting(count, farFrom, byCommit: true, out start)
        || (TryGrow((ulong)count) && TryAllocateExisting(count, farFrom, byCommit: true, out start));

    private void FreeLocked(BlockAddress start, int count, bool hold, List<Extent> held, bool byCommit)
    {
        CheckRange(start, count);
        BitmapPage page = Group(GroupOf(start));
        page.Mark(BitOf(start), count, used: false, _commitIsRunning, byCommit);
        MarkDirty(page, byCommit);
        AdjustFree(count, byCommit);
        if (!hold)
            return;
        page.Hold(BitOf(start), count);
        held.Add(new Extent(start, count));
        _heldBlocks += count;
    }

    private void MarkUsed(BitmapPage page, int bit, int count, bool byCommit)
    {
        page.Mark(bit, count, used: true, _commitIsRunning, byCommit);
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
            if (TryAllocateExisting(count, BlockAddress.None, byCommit: false, out start))
                return true;
        }

        return TryAllocateExisting(count, BlockAddress.None, byCommit: false, out start);
    }

    private bool TryAllocateExisting(int count, BlockAddress farFrom, bool byCommit, out BlockAddress start)
    {
        int groupCount = (int)((_totalBlocks + BitmapPage.BlocksPerGroup - 1) / BitmapPage.BlocksPerGroup);
        for (int group = 0; group < groupCount; group++)
        {
            BitmapPage page = Group(group);
            int limit = (int)Math.Min(BitmapPage.BlocksPerGroup, _totalBlocks - ((ulong)group * BitmapPage.BlocksPerGroup));
            int bit = farFrom.IsNone ? page.FindRun(count, limit) : FindFarRun(page, count, limit, farFrom);
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
        long missing = blocks + _reservedBlocks + MetadataReserve - (_freeBlocks - _heldBlocks);
        return missing <= 0 || TryGrow((ulong)missing);
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

    private BitmapPage Group(int group)
    {
        while (_groups.Count <= group)
            _groups.Add(null);
        return _groups[group] ??= LoadGroup(group);
    }

    private BitmapPage LoadGroup(int group)
    {
        BitmapPage page = new(group) { Pointer = _index.Get(group) };
        Span<byte> bytes = stackalloc byte[ContainerLayout.BlockSize];
        if (!page.Pointer.IsNone)
        {
            ReadBitmap(page.Pointer, bytes);
            page.Load(bytes);
        }

        if (_previousIndex is not null && !_nextIsDurable)
            HoldPrevious(page, bytes);
        return page;
    }

    private static SpaceIndex? OpenPrevious(SealedUnits units, SpaceMapRoot? previous)
    {
        try
        {
            return previous is { } root ? new SpaceIndex(units, root.Index, root.Depth) : null;
        }
        catch (VaultException)
        {
            return null; // Not whole: damaged, or given up already if the newest superblock was lost. There is nothing to hold for it.
        }
    }

    // What only the state before the opened one uses must stay until the next commit is durable.
    private void HoldPrevious(BitmapPage page, Span<byte> bytes)
    {
        try
        {
            BlockPointer previous = _previousIndex!.Get(page.Group);
            if (previous.IsNone || previous.Address == page.Pointer.Address)
                return;
            ReadBitmap(previous, bytes);
        }
        catch (VaultException)
        {
            return; // As in OpenPrevious.
        }

        for (int bit = 0; bit < BitmapPage.BlocksPerGroup; bit++)
        {
            if ((bytes[bit / 8] & (1 << (bit % 8))) == 0 || page.IsUsed(bit))
                continue;
            page.Hold(bit, 1);
            _heldByDurable.Add(new Extent(AddressOf(page.Group, bit), 1));
            _heldBlocks++;
        }
    }

    private void ReadBitmap(in BlockPointer pointer, Span<byte> bytes)
    {
        if (pointer.Kind != SealKind.SpaceBitmap || pointer.BlockCount != 1)
            throw new VaultCorruptionException(new CorruptionSite("space map bitmap", pointer.Address.OffsetBytes, "structure"));
        _units.Read(pointer, bytes);
    }

    private void CheckRange(BlockAddress start, int count)
    {
        if (start.Value < ContainerLayout.FirstDataBlock || start.Value + (ulong)count > _totalBlocks
            || BitOf(start) + count > BitmapPage.BlocksPerGroup)
        {
            throw new InvalidOperationException("Blocks outside the container were freed.");
        }
    }
}
