using System.Numerics;

namespace Vault.Storage;

/// <summary>
/// A bit for each block of the container: what pointers lead to. Kept for each group of the space map that has any: 4 KiB
/// for 128 MiB, 32 MiB for a full TiB.
/// </summary>
internal sealed class ReachedBlocks
{
    public const int WordsPerGroup = BitmapPage.BlocksPerGroup / 64;

    private readonly Dictionary<ulong, ulong[]> _groups = [];

    public ReachedBlocks(ulong totalBlocks)
    {
        TotalBlocks = totalBlocks;
        for (ulong block = 0; block < ContainerLayout.FirstDataBlock; block += 64)
            MarkWord(block / 64, ulong.MaxValue);
    }

    public ulong TotalBlocks { get; }

    /// <summary>Blocks reached.</summary>
    public long Count { get; private set; }

    /// <summary>Groups in which anything was reached.</summary>
    public IEnumerable<ulong> Groups => _groups.Keys;

    /// <summary>Marks both copies of a unit.</summary>
    /// <returns>
    /// False, and nothing is marked: something else leads to a block already, or the unit lies where the space map places none:
    /// outside of the container, or across the border of two groups.
    /// </returns>
    public bool TryAdd(in BlockPointer pointer)
    {
        bool hasSecond = !pointer.Second.IsNone;
        if (!IsFree(pointer.Address, pointer.BlockCount) || (hasSecond && !IsFree(pointer.Second, pointer.BlockCount)))
            return false;
        Set(pointer.Address, pointer.BlockCount, true);
        if (!hasSecond)
            return true;
        if (!IsFree(pointer.Second, pointer.BlockCount))
        {
            Set(pointer.Address, pointer.BlockCount, false); // the copies overlap
            return false;
        }

        Set(pointer.Second, pointer.BlockCount, true);
        return true;
    }

    /// <summary>Takes back what <see cref="TryAdd"/> marked.</summary>
    public void Remove(in BlockPointer pointer)
    {
        Set(pointer.Address, pointer.BlockCount, false);
        if (!pointer.Second.IsNone)
            Set(pointer.Second, pointer.BlockCount, false);
    }

    /// <summary>Marks both copies of a unit, whatever else leads there, as far as they lie in the container.</summary>
    public void Mark(in BlockPointer pointer)
    {
        Set(pointer.Address, pointer.BlockCount, true);
        if (!pointer.Second.IsNone)
            Set(pointer.Second, pointer.BlockCount, true);
    }

    /// <summary>Marks 64 blocks from a multiple of 64 on, by the bits of a bitmap.</summary>
    public void MarkWord(ulong index, ulong bits)
    {
        if (bits == 0 || index * 64 >= TotalBlocks)
            return;
        ref ulong word = ref GroupOf(index)[index % WordsPerGroup];
        Count += BitOperations.PopCount(bits & ~word);
        word |= bits;
    }

    /// <summary>The 64 blocks from a multiple of 64 on, the first in the lowest bit; zero beyond the end.</summary>
    public ulong Word(ulong index) => _groups.TryGetValue(index / WordsPerGroup, out ulong[]? words) ? words[index % WordsPerGroup] : 0;

    private ulong[] GroupOf(ulong wordIndex)
    {
        if (!_groups.TryGetValue(wordIndex / WordsPerGroup, out ulong[]? words))
            _groups[wordIndex / WordsPerGroup] = words = new ulong[WordsPerGroup];
        return words;
    }

    private bool IsFree(BlockAddress start, int count)
    {
        if (start.Value >= TotalBlocks || (ulong)count > TotalBlocks - start.Value || (start.Value % BitmapPage.BlocksPerGroup) + (ulong)count > BitmapPage.BlocksPerGroup)
            return false;
        for (ulong block = start.Value; block < start.Value + (ulong)count; block++)
        {
            if ((Word(block / 64) & Bit(block)) != 0)
                return false;
        }

        return true;
    }

    private void Set(BlockAddress start, int count, bool value)
    {
        for (ulong block = start.Value; block < start.Value + (ulong)count && block < TotalBlocks; block++)
        {
            if (value)
            {
                MarkWord(block / 64, Bit(block));
                continue;
            }

            ref ulong word = ref GroupOf(block / 64)[block / 64 % WordsPerGroup];
            Count -= BitOperations.PopCount(word & Bit(block));
            word &= ~Bit(block);
        }
    }

    private static ulong Bit(ulong block) => 1UL << (int)(block % 64);
}
