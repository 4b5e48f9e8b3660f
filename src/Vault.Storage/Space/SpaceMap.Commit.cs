using Vault.Crypto;

namespace Vault.Storage;

/// <content>How a generation's map is frozen and written.</content>
internal sealed partial class SpaceMap
{
    /// <summary>Total of the newest durable state.</summary>
    private ulong _durableTotal;

    /// <summary>Total of the durable state before it.</summary>
    private ulong _previousTotal;

    private ulong _frozenTotal;

    /// <summary>Begins a commit: what was done so far is its, what follows is the next one's. The caller has stopped all changes.</summary>
    public void Freeze(ulong nextGeneration)
    {
        lock (_lock)
        {
            if (_heldByCommit.Count != 0)
                throw new InvalidOperationException("A commit began before the one before it ended.");
            CutTotal();
            foreach (BitmapPage page in _dirty)
            {
                page.IsDirty = false;
                AddFrozenDirty(page);
            }

            _dirty = [];
            (_heldByCommit, _heldByLive) = (_heldByLive, _heldByCommit);
            _liveGeneration = nextGeneration;
            _logNamesLive = false;
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
        List<BitmapPage> pages = [.. _frozenDirty.Where(page => page.HasNewPlace)];
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
        {
            _frozenTotal = _totalBlocks;
            return new SpaceMapRoot(_index.RootPointer, _index.Depth, _frozenTotal, FreeBlocksToWrite(_frozenFreeBlocks, _frozenTotal));
        }
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
            ReleaseHeldByDurable();
            (_heldByDurable, _heldByCommit) = (_heldByCommit, _heldByDurable);
            (_previousTotal, _durableTotal) = (_durableTotal, _frozenTotal);
            _commitIsRunning = false;
            _nextIsDurable = true;
        }
    }

    private void ReleaseHeldByDurable()
    {
        if (_pins > 0)
            _heldByPin.AddRange(_heldByDurable);
        else
            Release(_heldByDurable);
        _heldByDurable.Clear();
    }

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
                if (!page.HasNewPlace)
                    any |= TryAssignPlace(page, generation);
            }

            any |= _index.AssignDirty(old => Move(old, SealKind.SpaceIndex, generation, twice: true));
        }
    }

    // A group that is all free has no bitmap: what a large deletion leaves costs nothing.
    private bool TryAssignPlace(BitmapPage page, ulong generation)
    {
        bool isEmpty;
        lock (_lock)
            isEmpty = page.FrozenFreeCount == BitmapPage.BlocksPerGroup;
        if (isEmpty && page.Pointer.IsNone)
            return false;
        BlockPointer old = page.Pointer;
        BlockPointer place = isEmpty ? default : AllocateForCommit(SealKind.SpaceBitmap, 1, generation, twice: false); // may fail: before anything is freed
        page.Pointer = place;
        page.HasNewPlace = !isEmpty;
        lock (_lock)
            _index.Set(page.Group, place);
        FreeOld(old);
        return true;
    }

    private BlockPointer Move(in BlockPointer old, SealKind kind, ulong generation, bool twice)
    {
        BlockPointer place = AllocateForCommit(kind, 1, generation, twice); // may fail: before anything is freed
        FreeOld(old);
        return place;
    }

    private void FreeOld(in BlockPointer old)
    {
        if (old.IsNone)
            return;
        lock (_lock)
            FreeLocked(old, hold: true, _heldByCommit, byCommit: true);
    }
}
