using Vault.Crypto;

namespace Vault.Storage;

/// <content>How a generation's map is frozen and written.</content>
internal sealed partial class SpaceMap
{
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
            if (_pins > 0)
                _heldByPin.AddRange(_heldByDurable);
            else
                Release(_heldByDurable);
            _heldByDurable.Clear();
            (_heldByDurable, _heldByCommit) = (_heldByCommit, _heldByDurable);
            _commitIsRunning = false;
            _nextIsDurable = true;
        }
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
                CheckUsed(old.Address, old.BlockCount);
                if (!old.Second.IsNone)
                    CheckUsed(old.Second, old.BlockCount);
                FreeLocked(old.Address, old.BlockCount, hold: true, _heldByCommit, byCommit: true);
                if (!old.Second.IsNone)
                    FreeLocked(old.Second, old.BlockCount, hold: true, _heldByCommit, byCommit: true);
            }
        }

        return place;
    }

    private bool TryAllocateForCommit(int count, BlockAddress farFrom, out BlockAddress start) =>
        (count < BitmapPage.SlotBlocks && farFrom.IsNone && TryAllocateExisting(count, farFrom, byCommit: true, inPieces: true, out start))
        || TryAllocateExisting(count, farFrom, byCommit: true, inPieces: false, out start)
        || (TryGrow((ulong)count) && TryAllocateExisting(count, farFrom, byCommit: true, inPieces: false, out start));
}
