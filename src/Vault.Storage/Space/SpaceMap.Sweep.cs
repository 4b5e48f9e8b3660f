namespace Vault.Storage;

/// <content>
/// What a session that ended without a lock left on the host: free space of which nobody knows whether it is a hole.
/// It is punched once, from the end downwards.
/// </content>
internal sealed partial class SpaceMap
{
    /// <summary>Blocks from here on were swept, or need not be; 0: nothing is left to sweep.</summary>
    private ulong _unswept;

    public bool HasToSweep
    {
        get
        {
            lock (_lock)
                return _unswept > 0;
        }
    }

    /// <summary>The session before ended without giving back what was free.</summary>
    public void PlanSweep()
    {
        lock (_lock)
            _unswept = _totalBlocks;
    }

    /// <summary>Goes on with the sweep. A state of this session is durable.</summary>
    /// <param name="maxSteps">Bitmaps to look at, and calls of the host, at most.</param>
    public void Sweep(int maxSteps)
    {
        for (int step = 0; step < maxSteps && TryBeginSweep(out BlockAddress start, out int count); step++)
        {
            if (count > 0)
                TrimHeld(start, count);
        }
    }

    // One bitmap, or what is left of it. The reserve is known to be there first: it may be the only space of a full host.
    private bool TryBeginSweep(out BlockAddress start, out int count)
    {
        start = default;
        count = 0;
        lock (_lock)
        {
            _unswept = Math.Min(_unswept, _totalBlocks);
            if (_unswept == 0 || !_nextIsDurable || !HasRoomFor(0))
                return false;
            int group = (int)((_unswept - 1) / BitmapPage.BlocksPerGroup);
            ulong groupStart = AddressOf(group, 0).Value;
            bool isFull = group < _groups.Length && _groups[group] is null && FreeBlocksByIndex(group) < BitmapPage.GranuleBlocks;
            if (isFull || !Group(group).TryFindLastGranules(bare: true, (int)(_unswept - groupStart), BitmapPage.BlocksPerGroup, out int bit, out count))
            {
                _unswept = groupStart;
                return true;
            }

            Group(group).Hold(bit, count);
            start = AddressOf(group, bit);
            _unswept = start.Value;
            return true;
        }
    }
}
