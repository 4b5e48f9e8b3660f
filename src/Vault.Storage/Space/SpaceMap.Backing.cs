namespace Vault.Storage;

/// <content>How the host is asked for space before anything is promised: ENOSPC shows when data comes in, not in a commit.</content>
internal sealed partial class SpaceMap
{
    private const ulong MinimumGrowth = 256;
    private const ulong MaximumGrowth = 16 * 1024;

    /// <summary>Blocks that the host is asked for at once: 4 MiB.</summary>
    private const int WindowBlocks = 1024;

    /// <summary>Places that a full host is asked for in one search.</summary>
    private const int MaxRefusals = 256;

    /// <summary>Steps in which room is collected: more means that the space is too fragmented to be of use.</summary>
    private const int MaxSteps = 4096;

    /// <summary>Groups with damaged bitmaps that growth leaps over: as many as hang on one index page.</summary>
    private const int MaxDamagedGroups = SpaceIndex.FanOut;

    /// <summary>The host refused space lately: only what is ready is used until it gives some again.</summary>
    private bool _hostRefuses;

    /// <summary>Everything that is bare was refused since the host last gave: one place a search is enough.</summary>
    private bool _allWasRefused;

    /// <summary>Where the search for space that a full host still has goes on.</summary>
    private BlockAddress _backCursor;

    private bool HasRoomFor(long blocks)
    {
        long wantedBlocks = blocks + MetadataReserve;
        long wantedSlots = MetadataReserve / BitmapPage.SlotBlocks;
        for (int step = 0; step < MaxSteps; step++)
        {
            long missing = wantedBlocks - _ready.Blocks;
            bool hasSlots = _ready.Slots >= wantedSlots;
            if (missing <= 0 && hasSlots)
                return true;
            if (!TryBackRun(BitmapPage.GranuleBlocks) && !TryGrow((ulong)Math.Max(missing, hasSlots ? 0 : MetadataReserve))
                && !TryBackRun(BitmapPage.SlotBlocks))
            {
                return false;
            }
        }

        return false;
    }

    // Whether there are as many whole slots, of what the container has already.
    private bool HasReadySlots(long wanted)
    {
        for (int step = 0; step < MaxSteps && _ready.Slots < wanted; step++)
        {
            if (!TryBackRun(BitmapPage.GranuleBlocks))
                return false;
        }

        return _ready.Slots >= wanted;
    }

    // No run of this length was to be had: more space, or on a full host some that only seemed to be missing.
    private bool TryMakeReady(int wanted, int minimum) => TryGrow((ulong)wanted) || TryBackRun(minimum);

    private bool TryGrow(ulong needed)
    {
        ulong step = Math.Clamp(_totalBlocks / 8 / MinimumGrowth * MinimumGrowth, MinimumGrowth, MaximumGrowth);
        ulong rounded = (needed + MinimumGrowth - 1) / MinimumGrowth * MinimumGrowth;
        return TryGrowBy(Math.Max(step, rounded)) || (rounded < step && TryGrowBy(rounded));
    }

    private bool TryGrowBy(ulong blocks)
    {
        if (!TryFindGrowth(blocks, out ulong from) || !TryAllocateOnHost(from, blocks))
            return false;
        ulong end = from + blocks;
        AdjustFree((long)(end - _totalBlocks), byCommit: _commitIsRunning);
        _totalBlocks = end;
        while (from < end)
        {
            BitmapPage page = Group(GroupOf(new BlockAddress(from)));
            int bit = BitOf(new BlockAddress(from));
            int count = (int)Math.Min(BitmapPage.BlocksPerGroup - (ulong)bit, end - from);
            page.SetBare(bit, count, isBare: false);
            ForgetBounds(page.Group);
            from += (ulong)count;
        }

        return true;
    }

    // Behind the end, and behind groups whose bitmap is damaged: what lies there can not be used, and stays a hole.
    private bool TryFindGrowth(ulong blocks, out ulong from)
    {
        from = _totalBlocks;
        int damaged = 0;
        for (int group = GroupOf(new BlockAddress(from)); AddressOf(group, 0).Value < from + blocks; group++)
        {
            if (from + blocks > BlockAddress.MaxValue || damaged > MaxDamagedGroups)
                return false;
            if (!Group(group).IsDamaged)
                continue;
            from = AddressOf(group + 1, 0).Value;
            damaged++;
        }

        return true;
    }

    /// <summary>Finds a bare run and asks the host for it, and for what follows.</summary>
    private bool TryBackRun(int count)
    {
        int refusals = _allWasRefused ? MaxRefusals - 1 : 0;
        int cursorGroup = GroupOf(_backCursor);
        int from = BitOf(_backCursor);
        for (int group = NextGroup(BlockSet.Bare, cursorGroup, count); group >= 0; group = NextGroup(BlockSet.Bare, group + 1, count))
        {
            BitmapPage page = Group(group);
            from = group == cursorGroup ? from : 0;
            int bit;
            while ((bit = page.FindRun(BlockSet.Bare, from, count, LimitOf(group))) >= 0)
            {
                if (TryBack(page, bit, count))
                    return true;
                from = (bit / BitmapPage.GranuleBlocks * BitmapPage.GranuleBlocks) + BitmapPage.GranuleBlocks;
                _backCursor = AddressOf(group, from); // may be the next group's first block
                if (++refusals >= MaxRefusals)
                    return false;
            }

            if (from == 0)
                RememberLongest(BlockSet.Bare, group, count - 1);
        }

        _allWasRefused |= refusals > 0 || cursorGroup > 0;
        _backCursor = BlockAddress.None;
        return false;
    }

    // Asks the host for the space of a run and, as it gives it, of what follows: few calls for much space.
    private bool TryBack(BitmapPage page, int bit, int count)
    {
        int limit = LimitOf(page.Group);
        int start = bit / BitmapPage.GranuleBlocks * BitmapPage.GranuleBlocks;
        int end = Math.Min(limit, (bit + count + BitmapPage.GranuleBlocks - 1) / BitmapPage.GranuleBlocks * BitmapPage.GranuleBlocks);
        int far = Math.Min(limit, Math.Max(end, start + WindowBlocks));
        bool isGiven = !_hostRefuses && TryAllocateOnHost(AddressOf(page.Group, start).Value, (ulong)(far - start));
        if (!isGiven)
        {
            far = end;
            if (!TryAllocateOnHost(AddressOf(page.Group, start).Value, (ulong)(end - start)))
                return false;
        }

        page.SetBare(start, far - start, isBare: false);
        return true;
    }

    private bool TryAllocateOnHost(ulong block, ulong count)
    {
        try
        {
            _medium.Allocate(new BlockAddress(block).OffsetBytes, new BlockAddress(count).OffsetBytes);
            _hostRefuses = _allWasRefused = false;
            return true;
        }
        catch (VaultException e) when (e.Failure == VaultFailure.NoSpace)
        {
            _hostRefuses = true;
            return false;
        }
    }
}
