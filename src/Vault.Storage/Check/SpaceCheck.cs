using System.Buffers.Binary;
using System.Numerics;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>Checks the space map: its pages, and that what it says is used is what pointers lead to.</summary>
internal sealed class SpaceCheck(CheckContext context, bool treeIsWhole)
{
    private readonly byte[] _page = new byte[ContainerLayout.BlockSize];
    private readonly HashSet<ulong> _groups = [];
    private long _free;
    private bool _isWhole = true;

    /// <summary>Verifies all pages first, since they are among what is reached; then compares.</summary>
    public void Run()
    {
        SpaceMapRoot root = context.State.Space;
        Visit(root.Index, root.Depth, 0, MarkAndVerify);
        _free = (long)root.TotalBlocks;
        Visit(root.Index, root.Depth, 0, Compare);
        if (_isWhole)
            CompareGroupsWithoutMap();
        if (_isWhole && _free != root.FreeBlocks)
            context.Log.Add(CheckFindingKind.SpaceMap, 0, null, -1, 0, Invariant($"The superblock counts {root.FreeBlocks} free blocks; the space map has {_free}."));
    }

    // Index pages have to be read before their children are known; a page that cannot be read ends the descent.
    private void Visit(in BlockPointer pointer, int level, ulong group, Func<BlockPointer, int, ulong, bool> onPage)
    {
        if (pointer.IsNone || !onPage(pointer, level, group) || level == 0)
            return;
        BlockPointer[] children = new BlockPointer[SpaceIndex.FanOut];
        for (int i = 0; i < children.Length; i++)
            children[i] = BlockPointer.Read(_page.AsSpan(i * BlockPointer.SizeBytes));
        for (int i = 0; i < children.Length; i++)
            Visit(children[i], level - 1, (group * SpaceIndex.FanOut) + (ulong)i, onPage);
    }

    private bool MarkAndVerify(BlockPointer pointer, int level, ulong group)
    {
        bool hasSecond = !pointer.Second.IsNone;
        if (!SpaceIndex.IsPageOf(pointer, level) || !context.Reached.TryAdd(pointer))
            return Unreadable(pointer, "place");
        context.Log.Advance((long)pointer.SizeOfUnit * (hasSecond ? 2 : 1));
        bool secondIsGood = hasSecond && context.Units.TryReadCopy(pointer, pointer.Second, _page);
        bool firstIsGood = context.Units.TryReadCopy(pointer, pointer.Address, _page);
        if (!firstIsGood && !secondIsGood)
            return Unreadable(pointer, "tag");
        if (hasSecond && firstIsGood != secondIsGood)
            context.Log.Add(CheckFindingKind.SpareCopy, pointer with { Address = firstIsGood ? pointer.Second : pointer.Address }, "One of two copies of a page of the space map's index is damaged; the other one is whole.");
        return firstIsGood || context.Units.TryReadCopy(pointer, pointer.Second, _page);
    }

    private bool Unreadable(in BlockPointer pointer, string check)
    {
        _isWhole = false;
        context.Log.Add(CheckFindingKind.SpaceMap, pointer, $"A page of the space map cannot be read: it failed its {check} check.");
        return false;
    }

    private bool Compare(BlockPointer pointer, int level, ulong group)
    {
        bool isRead = SpaceIndex.IsPageOf(pointer, level)
            && (context.Units.TryReadCopy(pointer, pointer.Address, _page) || (!pointer.Second.IsNone && context.Units.TryReadCopy(pointer, pointer.Second, _page)));
        if (isRead && level == 0)
            CompareGroup(pointer, group);
        return isRead;
    }

    // A group without a bitmap is all free.
    private void CompareGroupsWithoutMap()
    {
        _page.AsSpan().Clear();
        foreach (ulong group in context.Reached.Groups.Where(g => !_groups.Contains(g)).Order())
            CompareBits(group);
    }

    private void CompareGroup(in BlockPointer pointer, ulong group)
    {
        _groups.Add(group);
        long used = CompareBits(group);
        _free -= used;
        if (pointer.Spare != BitmapPage.BlocksPerGroup - used)
            context.Log.Add(CheckFindingKind.SpaceMap, pointer, "A page of the space map has another number of free blocks than its pointer says.");
    }

    private long CompareBits(ulong group)
    {
        long used = 0;
        BlockRun unmarked = default;
        BlockRun leaked = default;
        for (int i = 0; i < ReachedBlocks.WordsPerGroup; i++)
        {
            ulong index = (group * ReachedBlocks.WordsPerGroup) + (ulong)i;
            ulong map = BinaryPrimitives.ReadUInt64LittleEndian(_page.AsSpan(i * 8));
            ulong reached = context.Reached.Word(index);
            used += BitOperations.PopCount(map);
            unmarked.Add(index, reached & ~map);
            leaked.Add(index, map & ~reached);
        }

        if (unmarked.Count > 0)
            Add(unmarked, Invariant($"{unmarked.Count} blocks that hold data are free in the space map: new data may overwrite them."));
        if (leaked.Count > 0 && treeIsWhole)
            Add(leaked, Invariant($"{leaked.Count} blocks are used in the space map and belong to nothing: their space is lost."));
        return used;
    }

    private void Add(in BlockRun run, string detail) => context.Log.Add(CheckFindingKind.SpaceMap, 0, null, run.First * ContainerLayout.BlockSize, 0, detail);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private struct BlockRun
    {
        public long First { get; private set; }

        public long Count { get; private set; }

        public void Add(ulong wordIndex, ulong bits)
        {
            if (bits == 0)
                return;
            if (Count == 0)
                First = ((long)wordIndex * 64) + BitOperations.TrailingZeroCount(bits);
            Count += BitOperations.PopCount(bits);
        }
    }
}
