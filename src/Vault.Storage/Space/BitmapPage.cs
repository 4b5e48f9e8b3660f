using System.Numerics;
using System.Runtime.InteropServices;

namespace Vault.Storage;

/// <summary>
/// One bitmap of the space map in memory: 32,768 blocks (128 MiB), a set bit is a used block. While a commit is
/// being written, <see cref="Frozen"/> keeps what that commit sees apart from what goes on. Not synchronized.
/// </summary>
internal sealed class BitmapPage(int group)
{
    public const int BlocksPerGroup = ContainerLayout.BlockSize * 8;
    public const int SlotBlocks = ContainerLayout.PageBlocks;

    private const int WordCount = BlocksPerGroup / 64;

    /// <summary>The first bit of each slot.</summary>
    private const ulong SlotStarts = 0x1111_1111_1111_1111;

    private readonly ulong[] _live = new ulong[WordCount];

    /// <summary>Free blocks that must not be reused yet: an older state that could still be opened needs them.</summary>
    private readonly ulong[] _held = new ulong[WordCount];

    private ulong[]? _frozen;
    private int _firstUsableWord;

    public int Group { get; } = group;

    /// <summary>Where the page lies; none if it was never written.</summary>
    public BlockPointer Pointer { get; set; }

    /// <summary>Changed since the last freeze.</summary>
    public bool IsDirty { get; set; }

    /// <summary>To be written by the commit under way.</summary>
    public bool IsFrozenDirty { get; set; }

    /// <summary>Whether <see cref="Pointer"/> is already where the commit under way will write the page.</summary>
    public bool HasNewPlace { get; set; }

    /// <summary>Usable slots: runs of a page's blocks at a multiple of their number. Only there is a place for a page sure.</summary>
    public int WholeSlots { get; private set; } = BlocksPerGroup / SlotBlocks;

    /// <summary>No run longer than this can be had.</summary>
    public int LongestRun { get; private set; } = BlocksPerGroup;

    public void Load(ReadOnlySpan<byte> stored)
    {
        stored.CopyTo(MemoryMarshal.AsBytes(_live.AsSpan()));
        WholeSlots = CountSlots(0, BlocksPerGroup);
    }

    /// <summary>The page's bytes as the commit under way sees them.</summary>
    public ReadOnlySpan<byte> Frozen => MemoryMarshal.AsBytes((_frozen ?? _live).AsSpan());

    public int FrozenFreeCount => CountFree(_frozen ?? _live);

    public bool IsUsed(int bit) => (_live[bit / 64] & Mask(bit)) != 0;

    public bool IsHeld(int bit) => (_held[bit / 64] & Mask(bit)) != 0;

    /// <summary>Ends the commit: frozen and live are one again.</summary>
    public void Thaw() => _frozen = null;

    /// <summary>Marks a run used or free.</summary>
    /// <param name="start">First bit.</param>
    /// <param name="count">Bits.</param>
    /// <param name="used">Used or free.</param>
    /// <param name="commitIsRunning">A commit is being written.</param>
    /// <param name="byCommit">The change is the commit's own: it belongs to the frozen state too.</param>
    public void Mark(int start, int count, bool used, bool commitIsRunning, bool byCommit)
    {
        if (commitIsRunning && !byCommit)
            _frozen ??= (ulong[])_live.Clone();
        WholeSlots -= CountSlots(start, count);
        for (int bit = start; bit < start + count; bit++)
        {
            if (IsUsed(bit) == used)
                throw new InvalidOperationException(used ? "A used block was allocated again." : "A free block was freed.");
            Assign(_live, bit, used);
            if (byCommit && _frozen is not null)
                Assign(_frozen, bit, used);
        }

        WholeSlots += CountSlots(start, count);
        if (!used)
            ResetHints(start);
    }

    public void Hold(int start, int count)
    {
        WholeSlots -= CountSlots(start, count);
        for (int bit = start; bit < start + count; bit++)
            Assign(_held, bit, true);
        WholeSlots += CountSlots(start, count);
    }

    public void Release(int start, int count)
    {
        WholeSlots -= CountSlots(start, count);
        for (int bit = start; bit < start + count; bit++)
            Assign(_held, bit, false);
        WholeSlots += CountSlots(start, count);
        ResetHints(start);
    }

    /// <summary>Finds the first run of <paramref name="count"/> blocks that can be used, below <paramref name="limit"/>; -1 if none.</summary>
    public int FindRun(int count, int limit)
    {
        if (count > LongestRun)
            return -1;
        int run = 0;
        bool sawUsable = false;
        for (int word = _firstUsableWord; word * 64 < limit; word++)
        {
            ulong usable = ~(_live[word] | _held[word]);
            if (usable == 0)
            {
                run = 0;
                if (!sawUsable)
                    _firstUsableWord = word + 1;
                continue;
            }

            sawUsable = true;
            if (usable == ulong.MaxValue)
            {
                run += 64;
                if (run >= count)
                    return WithinLimit((word * 64) + 64 - run, count, limit);
                continue;
            }

            int bit = 0;
            while (bit < 64)
            {
                int ones = BitOperations.TrailingZeroCount(~(usable >> bit));
                ones = Math.Min(ones, 64 - bit);
                run += ones;
                bit += ones;
                if (run >= count)
                    return WithinLimit((word * 64) + bit - run, count, limit);

                if (bit < 64)
                {
                    run = 0;
                    bit += Math.Min(64 - bit, BitOperations.TrailingZeroCount(usable >> bit));
                }
            }
        }

        // Only a whole group can be remembered as too fragmented: the last one may grow.
        if (limit == BlocksPerGroup)
            LongestRun = count - 1;
        return -1;
    }

    /// <summary>As <see cref="FindRun"/>, but breaks no whole slot: takes what is of no use for pages.</summary>
    public int FindRunInPieces(int count, int limit)
    {
        int run = 0;
        for (int word = _firstUsableWord; word * 64 < limit; word++)
        {
            ulong usable = ~(_live[word] | _held[word]);
            ulong whole = WholeSlotsOf(usable);
            usable &= ~(whole | (whole << 1) | (whole << 2) | (whole << 3));
            if (usable == 0)
            {
                run = 0;
                continue;
            }

            for (int bit = 0; bit < 64; bit++)
            {
                run = (usable & (1UL << bit)) != 0 ? run + 1 : 0;
                if (run == count)
                    return WithinLimit((word * 64) + bit + 1 - count, count, limit);
            }
        }

        return -1;
    }

    /// <summary>As <see cref="FindRun"/>, but not before <paramref name="from"/>; tries only whole steps of <paramref name="count"/>.</summary>
    public int FindRunFrom(int from, int count, int limit)
    {
        for (int start = from; start + count <= limit; start += count)
        {
            int bit = start;
            while (bit < start + count && !IsUsed(bit) && !IsHeld(bit))
                bit++;
            if (bit == start + count)
                return start;
        }

        return -1;
    }

    private static int WithinLimit(int start, int count, int limit) => start + count <= limit ? start : -1;

    private static int CountFree(ulong[] words)
    {
        int used = 0;
        foreach (ulong word in words)
            used += BitOperations.PopCount(word);
        return BlocksPerGroup - used;
    }

    private static ulong WholeSlotsOf(ulong usable) => usable & (usable >> 1) & (usable >> 2) & (usable >> 3) & SlotStarts;

    // Whole slots in the words that a run touches.
    private int CountSlots(int start, int count)
    {
        int slots = 0;
        for (int word = start / 64; word <= (start + count - 1) / 64; word++)
            slots += BitOperations.PopCount(WholeSlotsOf(~(_live[word] | _held[word])));
        return slots;
    }

    private static ulong Mask(int bit) => 1UL << (bit % 64);

    private static void Assign(ulong[] words, int bit, bool value)
    {
        if (value)
            words[bit / 64] |= Mask(bit);
        else
            words[bit / 64] &= ~Mask(bit);
    }

    private void ResetHints(int bit)
    {
        LongestRun = BlocksPerGroup;
        _firstUsableWord = Math.Min(_firstUsableWord, bit / 64);
    }
}
