namespace Vault.Storage;

/// <content>How space goes back to the host: holes are punched where nothing lies, and a free end is cut off.</content>
internal sealed partial class SpaceMap
{
    /// <summary>Where the next freeze ends the container, if nothing is used behind by then; 0: not at all.</summary>
    private ulong _cutTo;

    /// <summary>Whether so much waits to be released that it is worth a commit of its own.</summary>
    public bool HasEnoughToRelease
    {
        get
        {
            lock (_lock)
                return _heldBlocks - _heldByPin.Sum(extent => (long)extent.Count) > _policy.MuchFreed;
        }
    }

    /// <summary>Whether so much waits to be released that the container would grow for want of it.</summary>
    public bool HasMuchToRelease
    {
        get
        {
            lock (_lock)
                return _heldBlocks > Math.Max(_policy.LargestHeld, ((long)_totalBlocks - _freeBlocks) / 8) && _pins == 0;
        }
    }

    /// <summary>Ready blocks beyond what steady work needs, and that nobody needed since the call before.</summary>
    public long TakeExcess()
    {
        lock (_lock)
        {
            long used = (long)_totalBlocks - _freeBlocks;
            long pool = MetadataReserve + Math.Clamp(used / 16, _policy.SmallestPool, _policy.LargestPool);
            long excess = _ready.LeastBlocks - pool;
            _ready.RestartLeast();
            return Math.Max(0, excess);
        }
    }

    /// <summary>Ready blocks beyond the reserve: what a container keeps while nobody works on it.</summary>
    public long ExcessAtRest()
    {
        lock (_lock)
            return Math.Max(0, _ready.Blocks - MetadataReserve - CommitSlack);
    }

    /// <summary>Lets the next freeze cut the container's total, if enough is free at its end.</summary>
    /// <param name="excess">Ready blocks that may go with it.</param>
    /// <returns>Whether the next commit is going to cut.</returns>
    public bool PlanCut(long excess)
    {
        lock (_lock)
        {
            // Scattered ready blocks, where pages were that moved down, must not keep the end where it is.
            ulong end = EndWithout(Math.Max(excess, _policy.SmallestPool / 4), withHeld: true);
            _cutTo = _totalBlocks - end >= Math.Max(_policy.SmallestCut, _totalBlocks / 64) ? end : 0;
            return _cutTo != 0;
        }
    }

    /// <summary>
    /// Ends a session: the root of a further state with the same content as the newest durable one, but without the free
    /// end. When the caller has made it durable, as <see cref="EndTwin"/> then says, the state before the newest is needed no more.
    /// </summary>
    public SpaceMapRoot BeginTwin(SpaceMapRoot durable)
    {
        lock (_lock)
        {
            // What is held back behind the new end is of the state that is needed no more.
            ulong end = EndWithout(Math.Max(0, _ready.Blocks - MetadataReserve - CommitSlack), withHeld: false);
            _frozenTotal = _totalBlocks - end >= _policy.SmallestCutAtRest ? end : _totalBlocks;
            long free = durable.FreeBlocks + (long)_frozenTotal - (long)durable.TotalBlocks;
            return durable with { TotalBlocks = _frozenTotal, FreeBlocks = FreeBlocksToWrite(free, _frozenTotal) };
        }
    }

    public void EndTwin()
    {
        lock (_lock)
        {
            ReleaseHeldByDurable();
            _cutTo = _frozenTotal;
            CutTotal();
            (_previousTotal, _durableTotal) = (_durableTotal, _frozenTotal);
        }
    }

    /// <summary>Whether the state before the newest is longer than the newest: after one more, the medium can be cut.</summary>
    public bool NewestIsShorter
    {
        get
        {
            lock (_lock)
                return _durableTotal < _previousTotal;
        }
    }

    /// <summary>Cuts off what lies behind the ends of all states that may still be opened.</summary>
    public void CutMedium()
    {
        lock (_lock)
        {
            ulong end = Math.Max(_totalBlocks, Math.Max(_durableTotal, _previousTotal));
            long length = new BlockAddress(end).OffsetBytes;
            if (_pins == 0 && _nextIsDurable && length < _medium.LengthBytes)
                _medium.SetLength(length);
        }
    }

    /// <summary>Punches ready space, from the end of the container downwards.</summary>
    /// <param name="excess">Blocks at most.</param>
    /// <param name="maxCalls">Calls of the host at most.</param>
    public void Trim(long excess, int maxCalls)
    {
        BlockAddress before = new(ulong.MaxValue);
        for (int call = 0; call < maxCalls && TryBeginTrim(ref before, excess, out int count); call++)
        {
            TrimHeld(before, count);
            excess -= count;
        }
    }

    private bool TryBeginTrim(ref BlockAddress before, long excess, out int count)
    {
        lock (_lock)
        {
            ulong end = Math.Min(before.Value, _totalBlocks);
            for (int group = (int)((end - 1) / BitmapPage.BlocksPerGroup); group >= 0; group--)
            {
                if (group >= _groups.Length || _groups[group] is not { } page || page.ReadyBlocks == 0)
                    continue;
                int limit = (int)Math.Min(BitmapPage.BlocksPerGroup, end - ((ulong)group * BitmapPage.BlocksPerGroup));
                if (!page.TryFindLastGranules(bare: false, limit, excess, out int start, out count))
                    continue;
                page.SetBare(start, count, isBare: true);
                page.Hold(start, count);
                before = AddressOf(group, start);
                return true;
            }

            count = 0;
            return false;
        }
    }

    // Nobody can allocate it meanwhile: it is held back. No lock is held while the host works.
    private void TrimHeld(BlockAddress start, int count)
    {
        try
        {
            _medium.Trim(start.OffsetBytes, new BlockAddress((ulong)count).OffsetBytes);
        }
        finally
        {
            lock (_lock)
            {
                Group(GroupOf(start)).Release(BitOf(start), count);
                ForgetBounds(GroupOf(start));
            }
        }
    }

    // Where the container can end if no more than the excess of ready blocks goes with the rest.
    private ulong EndWithout(long excess, bool withHeld)
    {
        EnsureGroups(GroupCount);
        for (int group = GroupCount - 1; group >= 0; group--)
        {
            bool isKnownFree = _groups[group] is null && FreeBlocksByIndex(group) == BitmapPage.BlocksPerGroup && !HoldsPrevious;
            if (isKnownFree)
                continue;
            BitmapPage page = Group(group);
            int limit = LimitOf(group);
            int taken = page.EndOfTaken(limit, withHeld);
            int end = page.EndWithout(taken, limit, ref excess);
            if (end > 0)
                return AddressOf(group, end).Value;
        }

        return ContainerLayout.FirstDataBlock;
    }

    // What was planned is looked at again: it may be in use by now.
    private void CutTotal()
    {
        if (_cutTo == 0)
            return;
        ulong end = Math.Max(_cutTo, EndWithout(long.MaxValue, withHeld: true));
        _cutTo = 0;
        if (end >= _totalBlocks)
            return;
        int groupsBefore = GroupCount;
        for (ulong from = end; from < _totalBlocks;)
        {
            int bit = BitOf(new BlockAddress(from));
            int count = (int)Math.Min(BitmapPage.BlocksPerGroup - (ulong)bit, _totalBlocks - from);
            _groups[GroupOf(new BlockAddress(from))]?.SetBare(bit, count, isBare: true);
            from += (ulong)count;
        }

        _freeBlocks -= (long)(_totalBlocks - end);
        _totalBlocks = end;
        for (int group = GroupCount; group < groupsBefore; group++)
        {
            if (_groups[group] is { CanBeUnloaded: true } page)
                Unload(page);
            ForgetBounds(group);
        }
    }
}
