using Vault.Crypto;

namespace Vault.Storage;

/// <content>How bitmaps come into memory: one by one, when they are needed.</content>
internal sealed partial class SpaceMap
{
    /// <summary>Bytes of the first bitmap that stand for the blocks before <see cref="ContainerLayout.FirstDataBlock"/>.</summary>
    private const int FixedPartBytes = (int)ContainerLayout.FirstDataBlock / 8;

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
            if (group == 0 && bytes[..FixedPartBytes].ContainsAnyExcept((byte)0xFF))
                throw NotWellFormed(page.Pointer); // header or superblocks would be given away
            page.Load(bytes);
        }

        if ((_previousIndex is not null || _previousIsUnread) && !_nextIsDurable)
            HoldPrevious(page, bytes);
        _wholeSlots += page.WholeSlots;
        return page;
    }

    private int GroupCount => (int)((_totalBlocks + BitmapPage.BlocksPerGroup - 1) / BitmapPage.BlocksPerGroup);

    // Whether there are as many whole slots; loads groups until there are.
    private bool HasSlots(long wanted)
    {
        for (int group = 0; group < GroupCount && _wholeSlots - SlotsBeyondEnd() < wanted; group++)
            _ = Group(group);
        return _wholeSlots - SlotsBeyondEnd() >= wanted;
    }

    private long SlotsBeyondEnd()
    {
        int last = GroupCount - 1;
        bool isLoaded = last < _groups.Count && _groups[last] is not null;
        return isLoaded ? (((long)GroupCount * BitmapPage.BlocksPerGroup) - (long)_totalBlocks) / BitmapPage.SlotBlocks : 0;
    }

    private static SpaceIndex? OpenPrevious(SealedUnits units, SpaceMapRoot? previous, out bool isUnread)
    {
        isUnread = false;
        try
        {
            return previous is { } root ? new SpaceIndex(units, root.Index, root.Depth) : null;
        }
        catch (VaultException e) when (e.Failure == VaultFailure.IoError)
        {
            isUnread = true;
            return null;
        }
        catch (VaultException)
        {
            return null; // Not whole: damaged, or given up already if the newest superblock was lost. There is nothing to hold for it.
        }
    }

    // What only the state before the opened one uses must stay until the next commit is durable.
    private void HoldPrevious(BitmapPage page, Span<byte> bytes)
    {
        bool isRead = TryReadPrevious(page, bytes, out bool holdsNothing) || TryReadPrevious(page, bytes, out holdsNothing);
        if (holdsNothing)
            return;
        if (!isRead)
            bytes.Fill(0xFF); // what the host fails to read now, it may read when that state is needed: it may be anything

        int limit = (int)Math.Min(BitmapPage.BlocksPerGroup, _totalBlocks - ((ulong)page.Group * BitmapPage.BlocksPerGroup));
        for (int bit = 0; bit < limit; bit++)
        {
            if ((bytes[bit / 8] & (1 << (bit % 8))) == 0 || page.IsUsed(bit))
                continue;
            page.Hold(bit, 1);
            _heldByDurable.Add(new Extent(AddressOf(page.Group, bit), 1));
            _heldBlocks++;
        }
    }

    // False: the host fails to read it.
    private bool TryReadPrevious(BitmapPage page, Span<byte> bytes, out bool holdsNothing)
    {
        holdsNothing = false;
        if (_previousIsUnread)
            return false;
        try
        {
            BlockPointer previous = _previousIndex!.Get(page.Group);
            holdsNothing = previous.IsNone || previous.Address == page.Pointer.Address;
            if (!holdsNothing)
                ReadBitmap(previous, bytes);
            return true;
        }
        catch (VaultException e)
        {
            holdsNothing = e.Failure != VaultFailure.IoError; // as in OpenPrevious
            return holdsNothing;
        }
    }

    private void ReadBitmap(in BlockPointer pointer, Span<byte> bytes)
    {
        if (pointer.Kind != SealKind.SpaceBitmap || pointer.BlockCount != 1)
            throw NotWellFormed(pointer);
        _units.Read(pointer, bytes);
    }

    private static VaultCorruptionException NotWellFormed(in BlockPointer pointer) =>
        new(new CorruptionSite("space map bitmap", pointer.Address.OffsetBytes, "structure"));
}
