using Microsoft.Extensions.Logging;

namespace Vault.Storage;

/// <summary>
/// Which blocks are used. Freed blocks are held back until the next generation is durable, so that the newest two
/// states stay whole. Grows the medium in steps, and gives back what is free (docs/adr/0012). Safe for concurrent
/// use; no other lock is taken under its own.
/// </summary>
internal sealed partial class SpaceMap
{
    /// <summary>Blocks of the reserve that changes may use up between two commits.</summary>
    private const long CommitSlack = 96;

    private readonly IMedium _medium;
    private readonly SealedUnits _units;
    private readonly SpaceIndex _index;
    private readonly SpaceIndex? _previousIndex;
    private readonly bool _previousIsUnread;
    private readonly ILogger? _logger;
    private readonly SpacePolicy _policy;
    private readonly List<BitmapPage> _frozenDirty = [];
    private readonly ReadySpace _ready = new();
    private readonly Lock _lock = new();

    private List<BitmapPage> _dirty = [];
    private List<Extent> _heldByLive = [];
    private List<Extent> _heldByCommit = [];
    private List<Extent> _heldByDurable = [];
    private ulong _totalBlocks;
    private long _freeBlocks;
    private long _frozenFreeBlocks;
    private long _heldBlocks;
    private ulong _liveGeneration;
    private bool _commitIsRunning;
    private bool _nextIsDurable;

    /// <param name="medium">Grows and shrinks.</param>
    /// <param name="units">Reads and writes bitmap and index pages.</param>
    /// <param name="root">From the superblock that was opened.</param>
    /// <param name="previous">From the superblock of the generation before, if it can be read: its blocks are held back.</param>
    /// <param name="liveGeneration">The generation that the next commit makes.</param>
    /// <param name="policy">What is given back when; null: as usual.</param>
    /// <param name="logger">Receives warnings of damage.</param>
    public SpaceMap(
        IMedium medium, SealedUnits units, SpaceMapRoot root, SpaceMapRoot? previous, ulong liveGeneration, SpacePolicy? policy = null, ILogger? logger = null)
    {
        _medium = medium;
        _units = units;
        _logger = logger;
        _policy = policy ?? SpacePolicy.Default;
        _nextUnloadAt = _policy.SoftPageLimit;
        _index = new SpaceIndex(units, root.Index, root.Depth);
        _previousIndex = OpenPrevious(units, previous, out _previousIsUnread);
        _totalBlocks = _durableTotal = root.TotalBlocks;
        _previousTotal = previous?.TotalBlocks ?? 0;
        _freeBlocks = root.FreeBlocks;
        _liveGeneration = liveGeneration;
    }

    private readonly record struct Extent(BlockAddress Start, int Count);

    public SpacePolicy Policy => _policy;

    public long FreeBlocks
    {
        get
        {
            lock (_lock)
                return _freeBlocks;
        }
    }

    /// <summary>Free blocks whose space the host has given, as far as it is known: the rest counts as the host's own.</summary>
    public long BackedFreeBlocks
    {
        get
        {
            lock (_lock)
                return _ready.Blocks + _heldBlocks;
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

    /// <summary>Ready blocks that ordinary data may not take: what the next commit and deletions need. Set by the tree.</summary>
    public long MetadataReserve { get; set; }

    /// <summary>The map of a container that is being made: everything before the first data block is used.</summary>
    public static SpaceMap CreateEmpty(IMedium medium, SealedUnits units, ulong generation, SpacePolicy? policy = null)
    {
        SpaceMapRoot root = new(default, 0, ContainerLayout.InitialBlockCount, (long)ContainerLayout.InitialBlockCount);
        SpaceMap map = new(medium, units, root, null, generation, policy);
        lock (map._lock)
        {
            map.Group(0).SetBare(0, (int)ContainerLayout.FirstDataBlock, isBare: false);
            map.MarkUsed(map.Group(0), 0, (int)ContainerLayout.FirstDataBlock, byCommit: false);
        }

        return map;
    }

    /// <summary>Frees a run. Space of the live generation can be used again at once, older space after the next commit but one.</summary>
    public void Free(BlockAddress start, int count, ulong birth)
    {
        lock (_lock)
            FreeLocked(start, count, hold: birth != _liveGeneration || _logNamesLive, _heldByLive, byCommit: false);
    }

    /// <summary>Frees what a pointer names: both copies or, if the map does not know them as used, neither.</summary>
    /// <returns>False: it can be used again at once, since neither a state nor the log has named it.</returns>
    /// <exception cref="VaultCorruptionException">Pointer and map contradict each other.</exception>
    public bool Free(in BlockPointer pointer)
    {
        lock (_lock)
        {
            bool isKnown = pointer.Birth != _liveGeneration || _logNamesLive;
            FreeLocked(pointer, hold: isKnown, _heldByLive, byCommit: false);
            return isKnown;
        }
    }

    private static int GroupOf(BlockAddress address) => checked((int)(address.Value / BitmapPage.BlocksPerGroup));

    private static int BitOf(BlockAddress address) => (int)(address.Value % BitmapPage.BlocksPerGroup);

    private static BlockAddress AddressOf(int group, int bit) => new(((ulong)group * BitmapPage.BlocksPerGroup) + (ulong)bit);

    private void FreeLocked(in BlockPointer pointer, bool hold, List<Extent> held, bool byCommit)
    {
        CheckUsed(pointer.Address, pointer.BlockCount);
        if (!pointer.Second.IsNone)
            CheckUsed(pointer.Second, pointer.BlockCount);
        FreeLocked(pointer.Address, pointer.BlockCount, hold, held, byCommit);
        if (!pointer.Second.IsNone)
            FreeLocked(pointer.Second, pointer.BlockCount, hold, held, byCommit);
    }

    private void FreeLocked(BlockAddress start, int count, bool hold, List<Extent> held, bool byCommit)
    {
        CheckUsed(start, count);
        BitmapPage page = Group(GroupOf(start));
        if (page.IsDamaged)
            return; // Used for ever, or until a repair: nothing of ours lies there any more.
        page.Mark(BitOf(start), count, used: false, _commitIsRunning, byCommit);
        MarkDirty(page, byCommit);
        AdjustFree(count, byCommit);
        if (!hold)
        {
            ForgetBounds(page.Group);
            return;
        }

        page.Hold(BitOf(start), count);
        held.Add(new Extent(start, count));
        _heldBlocks += count;
    }

    private void MarkUsed(BitmapPage page, int bit, int count, bool byCommit)
    {
        if (!page.IsReady(bit, count))
            throw new InvalidOperationException("Blocks that are not ready to be written were allocated.");
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

    private void Release(List<Extent> extents)
    {
        foreach (Extent extent in extents)
        {
            BitmapPage page = Group(GroupOf(extent.Start));
            page.Release(BitOf(extent.Start), extent.Count);
            ForgetBounds(page.Group);
            _heldBlocks -= extent.Count;
        }
    }

    private bool IsInRange(BlockAddress start, int count) =>
        start.Value >= ContainerLayout.FirstDataBlock && start.Value + (ulong)count <= _totalBlocks && BitOf(start) + count <= BitmapPage.BlocksPerGroup;

    // Pointers that are freed come from the container: the map must agree before anything changes.
    private void CheckUsed(BlockAddress start, int count)
    {
        bool isUsed = IsInRange(start, count);
        for (int i = 0; isUsed && i < count; i++)
            isUsed = Group(GroupOf(start)).IsUsed(BitOf(start) + i);
        if (!isUsed)
            throw new VaultCorruptionException(new CorruptionSite("space map", start.OffsetBytes, "use"));
    }

    // A count that was wrong before must not become one that no reader accepts.
    private static long FreeBlocksToWrite(long freeBlocks, ulong totalBlocks) =>
        Math.Clamp(freeBlocks, 0, (long)(totalBlocks - ContainerLayout.FirstDataBlock));
}
