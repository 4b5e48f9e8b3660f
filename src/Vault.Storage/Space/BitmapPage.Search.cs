using System.Numerics;

namespace Vault.Storage;

/// <content>How runs of blocks are found.</content>
internal sealed partial class BitmapPage
{
    /// <summary>Blocks that are given back to the host together, at a multiple of their number: 64 KiB.</summary>
    public const int GranuleBlocks = 16;

    /// <summary>The first bit of each slot.</summary>
    private const ulong SlotStarts = 0x1111_1111_1111_1111;

    /// <summary>Finds the first run of <paramref name="count"/> blocks of a set, from a bit on and below <paramref name="limit"/>; -1 if none.</summary>
    public int FindRun(BlockSet set, int from, int count, int limit)
    {
        int run = 0;
        bool sawFree = from > _firstFreeWord * 64;
        for (int word = Math.Max(_firstFreeWord, from / 64); word * 64 < limit; word++)
        {
            if (!sawFree && WordOf(BlockSet.Free, word) == 0)
                _firstFreeWord = word + 1;
            else
                sawFree = true;
            ulong bits = WordOf(set, word);
            if (word == from / 64)
                bits &= ulong.MaxValue << (from % 64);
            int bit = 0;
            while (bit < 64)
            {
                int ones = Math.Min(64 - bit, BitOperations.TrailingZeroCount(~(bits >> bit)));
                run += ones;
                bit += ones;
                if (run >= count)
                    return WithinLimit((word * 64) + bit - run, count, limit);
                if (bit == 64)
                    break;
                run = 0;
                bit += Math.Min(64 - bit, BitOperations.TrailingZeroCount(bits >> bit));
            }
        }

        return -1;
    }

    /// <summary>As <see cref="FindRun"/>, but breaks no whole slot: takes what is of no use for pages.</summary>
    public int FindRunInPieces(BlockSet set, int count, int limit)
    {
        int run = 0;
        for (int word = _firstFreeWord; word * 64 < limit; word++)
        {
            ulong bits = WordOf(set, word);
            ulong whole = WholeSlotsOf(bits);
            bits &= ~(whole | (whole << 1) | (whole << 2) | (whole << 3));
            if (bits == 0)
            {
                run = 0;
                continue;
            }

            for (int bit = 0; bit < 64; bit++)
            {
                run = (bits & (1UL << bit)) != 0 ? run + 1 : 0;
                if (run == count)
                    return WithinLimit((word * 64) + bit + 1 - count, count, limit);
            }
        }

        return -1;
    }

    /// <summary>Whether all of a run may be written at once.</summary>
    public bool IsReady(int start, int count)
    {
        for (int bit = start; bit < start + count; bit++)
        {
            if ((WordOf(BlockSet.Ready, bit / 64) & Mask(bit)) == 0)
                return false;
        }

        return true;
    }

    /// <summary>Finds the last run of granules that are wholly free and, as wanted, ready at least in part or wholly bare.</summary>
    /// <param name="bare">Those that are wholly bare; else those of which the host has something.</param>
    /// <param name="limit">Bits from here on are beyond the end.</param>
    /// <param name="most">Blocks at most.</param>
    /// <param name="start">First bit.</param>
    /// <param name="count">Bits.</param>
    public bool TryFindLastGranules(bool bare, int limit, long most, out int start, out int count)
    {
        int granule = (limit / GranuleBlocks) - 1;
        while (granule >= 0 && !IsFreeGranule(granule, bare))
            granule--;
        int end = granule + 1;
        while (granule >= 0 && (end - granule) * GranuleBlocks <= most && IsFreeGranule(granule, bare))
            granule--;
        start = (granule + 1) * GranuleBlocks;
        count = (end - granule - 1) * GranuleBlocks;
        return count > 0;
    }

    /// <summary>One more than the last bit that is used or held back, below <paramref name="limit"/>; 0 if none is.</summary>
    /// <param name="limit">Bits from here on are not looked at.</param>
    /// <param name="withHeld">Whether what is held back counts.</param>
    public int EndOfTaken(int limit, bool withHeld)
    {
        for (int word = (limit - 1) / 64; word >= 0; word--)
        {
            ulong taken = _live[word] | (withHeld ? _held[word] : 0);
            if (taken != 0)
                return (word * 64) + 64 - BitOperations.LeadingZeroCount(taken);
        }

        return 0;
    }

    /// <summary>Where the group can end, at a multiple of a granule, if no more than <paramref name="excess"/> ready blocks go with the rest.</summary>
    /// <param name="taken">It cannot end before this bit.</param>
    /// <param name="limit">Where it ends now.</param>
    /// <param name="excess">Is lowered by the ready blocks that go.</param>
    public int EndWithout(int taken, int limit, ref long excess)
    {
        int end = limit;
        while (end > taken)
        {
            int start = (end - 1) / GranuleBlocks * GranuleBlocks;
            int ready = BitOperations.PopCount(WordOf(BlockSet.Ready, start / 64) & (((1UL << (end - start)) - 1) << (start % 64)));
            if (start < taken || ready > excess)
                break;
            excess -= ready;
            end = start;
        }

        return end;
    }

    private static int WithinLimit(int start, int count, int limit) => start + count <= limit ? start : -1;

    private static ulong WholeSlotsOf(ulong bits) => bits & (bits >> 1) & (bits >> 2) & (bits >> 3) & SlotStarts;

    private ulong WordOf(BlockSet set, int word)
    {
        ulong free = ~(_live[word] | _held[word]);
        return set switch
        {
            BlockSet.Ready => free & ~_bare[word],
            BlockSet.Bare => free & _bare[word],
            _ => free,
        };
    }

    private bool IsFreeGranule(int granule, bool bare)
    {
        int word = granule * GranuleBlocks / 64;
        int shift = granule * GranuleBlocks % 64;
        ulong all = (1UL << GranuleBlocks) - 1;
        bool isFree = ((WordOf(BlockSet.Free, word) >> shift) & all) == all;
        return isFree && (((_bare[word] >> shift) & all) == all) == bare;
    }
}
