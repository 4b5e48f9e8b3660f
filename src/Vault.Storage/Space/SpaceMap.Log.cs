namespace Vault.Storage;

/// <content>
/// What the intent log names is in no state's map yet, but a replay needs it: it is not used again before the states are gone
/// from which the log could be replayed.
/// </content>
internal sealed partial class SpaceMap
{
    /// <summary>Blocks of the live generation may be named by the log: freed, they are held back like those of older ones.</summary>
    private bool _logNamesLive;

    /// <summary>The log names blocks of the live generation from now on.</summary>
    public void LogNamesLiveBlocks()
    {
        lock (_lock)
            _logNamesLive = true;
    }

    /// <summary>Frees a segment of the log, or a run of blocks that a replayed record says is free; what is free already stays so.</summary>
    /// <exception cref="VaultCorruptionException">It lies outside of the container.</exception>
    public void FreeLogged(in LogSegment run)
    {
        lock (_lock)
        {
            if (!IsInRange(run.Address, run.BlockCount))
                throw NotInUse(run.Address);
            BitmapPage page = Group(GroupOf(run.Address));
            int end = BitOf(run.Address) + run.BlockCount;
            for (int bit = BitOf(run.Address); bit < end; bit++)
            {
                int first = bit;
                while (bit < end && page.IsUsed(bit))
                    bit++;
                if (bit > first)
                    FreeLocked(AddressOf(page.Group, first), bit - first, hold: true, _heldByLive, byCommit: false);
            }
        }
    }

    /// <summary>Marks a run used that the log names, as far as it is not yet: the container may have grown since the state that was opened.</summary>
    /// <exception cref="VaultCorruptionException">The run lies outside of the medium or across the border of two groups.</exception>
    public void Adopt(in LogSegment run)
    {
        lock (_lock)
        {
            if (!run.LiesWithin(_medium.LengthBytes) || BitOf(run.Address) + run.BlockCount > BitmapPage.BlocksPerGroup)
                throw NotInUse(run.Address);
            ulong end = run.Address.Value + (ulong)run.BlockCount;
            if (end > _totalBlocks)
            {
                AdjustFree((long)(end - _totalBlocks), byCommit: false);
                _totalBlocks = end;
            }

            BitmapPage page = Group(GroupOf(run.Address));
            ForgetBounds(page.Group);
            for (int bit = BitOf(run.Address); bit < BitOf(run.Address) + run.BlockCount; bit++)
            {
                if (page.IsUsed(bit))
                    continue;
                page.SetBare(bit, 1, isBare: false);
                page.Mark(bit, 1, used: true, commitIsRunning: false, byCommit: false);
                MarkDirty(page, byCommit: false);
                AdjustFree(-1, byCommit: false);
            }
        }
    }

    private static VaultCorruptionException NotInUse(BlockAddress start) => new(new CorruptionSite("intent log", start.OffsetBytes, "place"));
}
