using Vault.Crypto;

namespace Vault.Storage;

/// <content>How places for data and pages are chosen: the lowest that there is.</content>
internal sealed partial class SpaceMap
{
    /// <summary>Blocks that lie between two copies of a page where the container has such a place: 1 MiB.</summary>
    private const int CopyDistance = 256;

    /// <summary>Whether the next commit still has what it needs, if not all that deletions should find: asks the host for nothing.</summary>
    public bool HasCommitRoom()
    {
        lock (_lock)
        {
            return _ready.Blocks >= MetadataReserve - CommitSlack
                && _ready.Slots >= (MetadataReserve - CommitSlack) / BitmapPage.SlotBlocks;
        }
    }

    /// <summary>Whether the next commit has the room that it needs; gets it from the host if not.</summary>
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
                || (TryMakeReady(wanted, minimum) && TryAllocateLongest(wanted, minimum, out start, out count))
                || (mayUseReserve && TryAllocateExisting(count, BlockAddress.None, byCommit: false, inPieces: false, out start));
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
            FreeLocked(place, hold: false, _heldByCommit, byCommit: true);
    }

    // Where slots are scarce a small unit breaks none; else it takes the lowest place like everything: in pieces, those beside its
    // last place would keep it near the end of the container for ever.
    private bool TryAllocateForCommit(int count, BlockAddress farFrom, out BlockAddress start) =>
        (count < BitmapPage.SlotBlocks && farFrom.IsNone && _ready.Slots < 2 * MetadataReserve / BitmapPage.SlotBlocks
            && TryAllocateExisting(count, farFrom, byCommit: true, inPieces: true, out start))
        || TryAllocateExisting(count, farFrom, byCommit: true, inPieces: false, out start)
        || (TryMakeReady(count, count) && TryAllocateExisting(count, farFrom, byCommit: true, inPieces: false, out start));

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
        return TryAllocateExisting(count, BlockAddress.None, byCommit: false, inPieces: !HasReadySlots(slots), out start);
    }

    // While the host gives, the lowest place is taken and the host asked for its space; when it refuses, what is ready.
    private bool TryAllocateExisting(int count, BlockAddress farFrom, bool byCommit, bool inPieces, out BlockAddress start)
    {
        start = default;
        return (!_hostRefuses && TryAllocateFrom(BlockSet.Free, count, farFrom, byCommit, inPieces, out start))
            || TryAllocateFrom(BlockSet.Ready, count, farFrom, byCommit, inPieces, out start);
    }

    private bool TryAllocateFrom(BlockSet set, int count, BlockAddress farFrom, bool byCommit, bool inPieces, out BlockAddress start)
    {
        start = default;
        for (int group = NextGroup(set, 0, count); group >= 0; group = NextGroup(set, group + 1, count))
        {
            BitmapPage page = Group(group);
            int limit = LimitOf(group);
            int bit = inPieces ? page.FindRunInPieces(set, count, limit)
                : farFrom.IsNone ? page.FindRun(set, 0, count, limit) : FindFarRun(set, page, count, limit, farFrom);
            if (bit < 0)
            {
                if (!inPieces && set == BlockSet.Free)
                    RememberLongest(set, group, count - 1);
                continue;
            }

            if (!page.IsReady(bit, count) && !TryBack(page, bit, count))
                return false;
            MarkUsed(page, bit, count, byCommit);
            start = AddressOf(group, bit);
            return true;
        }

        return false;
    }

    private static int FindFarRun(BlockSet set, BitmapPage page, int count, int limit, BlockAddress farFrom)
    {
        if (GroupOf(farFrom) == page.Group)
        {
            int bit = page.FindRun(set, BitOf(farFrom) + CopyDistance, count, limit);
            if (bit >= 0)
                return bit;
        }

        return page.FindRun(set, 0, count, limit);
    }
}
