using Microsoft.Extensions.Logging;
using Vault.Crypto;

namespace Vault.Storage;

/// <content>How bitmaps come into memory, one by one when they are needed, and leave it; what is remembered of the others.</content>
internal sealed partial class SpaceMap
{
    /// <summary>Bytes of the first bitmap that stand for the blocks before <see cref="ContainerLayout.FirstDataBlock"/>.</summary>
    private const int FixedPartBytes = (int)ContainerLayout.FirstDataBlock / 8;

    /// <summary>A group of which nothing is known but what the index says.</summary>
    private const ushort UnknownBound = ushort.MaxValue;

    private BitmapPage?[] _groups = [];

    /// <summary>For each group: no free run is longer than this; or unknown.</summary>
    private ushort[] _longestFree = [];

    /// <summary>For each group: no bare run is longer than this; or unknown.</summary>
    private ushort[] _longestBare = [];

    private int _pageCount;
    private int _nextUnloadAt;

    private int GroupCount => (int)((_totalBlocks + BitmapPage.BlocksPerGroup - 1) / BitmapPage.BlocksPerGroup);

    // Whether bitmaps that are loaded now may have to hold blocks back for the state before the opened one.
    private bool HoldsPrevious => (_previousIndex is not null || _previousIsUnread) && !_nextIsDurable;

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

    private BitmapPage Group(int group)
    {
        EnsureGroups(group + 1);
        return _groups[group] ?? LoadGroup(group);
    }

    private void EnsureGroups(int count)
    {
        int old = _groups.Length;
        if (count <= old)
            return;
        int length = Math.Max(count, old * 2);
        Array.Resize(ref _groups, length);
        Array.Resize(ref _longestFree, length);
        Array.Resize(ref _longestBare, length);
        Array.Fill(_longestFree, UnknownBound, old, length - old);
        Array.Fill(_longestBare, UnknownBound, old, length - old);
    }

    private BitmapPage LoadGroup(int group)
    {
        if (_pageCount >= _nextUnloadAt)
            UnloadSome();
        BitmapPage page = new(group, _ready);
        Span<byte> bytes = stackalloc byte[ContainerLayout.BlockSize];
        try
        {
            page.Pointer = _index.Get(group);
            if (!page.Pointer.IsNone)
            {
                ReadBitmap(page.Pointer, bytes);
                if (group == 0 && bytes[..FixedPartBytes].ContainsAnyExcept((byte)0xFF))
                    throw NotWellFormed(page.Pointer); // header or superblocks would be given away
                page.Load(bytes);
            }

            if (HoldsPrevious)
                HoldPrevious(page, bytes);
        }
        catch (VaultException e)
        {
            _logger?.LogError("The space map of 128 MiB at byte {Offset} cannot be read; nothing is written there until the vault is repaired: {Reason}", AddressOf(group, 0).OffsetBytes, e.Message);
            page.SetDamaged();
            _longestFree[group] = _longestBare[group] = 0;
        }

        _groups[group] = page;
        _pageCount++;
        return page;
    }

    // What only the state before the opened one uses must stay until the next commit is durable.
    private void HoldPrevious(BitmapPage page, Span<byte> bytes)
    {
        bool isRead = TryReadPrevious(page, bytes, out bool holdsNothing) || TryReadPrevious(page, bytes, out holdsNothing);
        if (holdsNothing)
            return;
        if (!isRead)
            bytes.Fill(0xFF); // what the host fails to read now, it may read when that state is needed: it may be anything

        int limit = isRead ? BitmapPage.BlocksPerGroup : LimitOf(page.Group);
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
        try
        {
            _units.Read(pointer, bytes);
        }
        catch (VaultException e) when (e.Failure == VaultFailure.IoError)
        {
            _units.Read(pointer, bytes); // a failure that passes must not cost the group
        }
    }

    private static VaultCorruptionException NotWellFormed(in BlockPointer pointer) =>
        new(new CorruptionSite("space map bitmap", pointer.Address.OffsetBytes, "structure"));

    private void UnloadSome()
    {
        bool isPressing = _pageCount >= _policy.HardPageLimit;
        foreach (BitmapPage? page in _groups)
        {
            if (page is not { CanBeUnloaded: true })
                continue;
            bool hasMuch = page.ReadyBlocks >= BitmapPage.BlocksPerGroup / 64; // to be given back, and forgotten if it leaves
            bool isSpared = page.ReadyBlocks == 0 || _ready.Blocks - page.ReadyBlocks >= 2 * MetadataReserve;
            if (isSpared && (!hasMuch || isPressing))
                Unload(page);
        }

        _nextUnloadAt = Math.Max(_policy.SoftPageLimit, _pageCount * 2);
    }

    private void Unload(BitmapPage page)
    {
        page.Unload();
        _groups[page.Group] = null;
        _longestBare[page.Group] = _longestFree[page.Group];
        _pageCount--;
    }

    // The next group in which a run of this length may be; what is not known yet the index tells, without the bitmap.
    private int NextGroup(BlockSet set, int from, int count)
    {
        EnsureGroups(GroupCount);
        ushort[] bounds = set == BlockSet.Bare ? _longestBare : _longestFree;
        while (from < GroupCount)
        {
            int next = bounds.AsSpan(from, GroupCount - from).IndexOfAnyInRange((ushort)count, UnknownBound);
            if (next < 0)
                return -1;
            from += next;
            if (_groups[from] is null && bounds[from] == UnknownBound)
                _longestFree[from] = _longestBare[from] = FreeBlocksByIndex(from);
            if (bounds[from] >= count && (set != BlockSet.Ready || _groups[from]?.ReadyBlocks >= count))
                return from;
            from++;
        }

        return -1;
    }

    private ushort FreeBlocksByIndex(int group)
    {
        try
        {
            BlockPointer pointer = _index.Get(group);
            return pointer.IsNone ? (ushort)BitmapPage.BlocksPerGroup : Math.Min(pointer.Spare, (ushort)BitmapPage.BlocksPerGroup);
        }
        catch (VaultException)
        {
            return BitmapPage.BlocksPerGroup; // Loading the bitmap says what is wrong.
        }
    }

    // Only a whole group can be remembered as too fragmented: the last one may grow.
    private void RememberLongest(BlockSet set, int group, int longest)
    {
        if (LimitOf(group) < BitmapPage.BlocksPerGroup)
            return;
        ushort[] bounds = set == BlockSet.Bare ? _longestBare : _longestFree;
        bounds[group] = (ushort)longest;
    }

    private void ForgetBounds(int group) => _longestFree[group] = _longestBare[group] = UnknownBound;

    private int LimitOf(int group) => 
        (int)Math.Clamp((long)_totalBlocks - ((long)group * BitmapPage.BlocksPerGroup), 0, BitmapPage.BlocksPerGroup);
}
