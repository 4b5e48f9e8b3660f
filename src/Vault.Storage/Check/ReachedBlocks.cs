using System.Numerics;

namespace Vault.Storage;

/// <summary>A bit for each block of the container: what pointers lead to. 32 MiB for each TiB.</summary>
internal sealed class ReachedBlocks
{
    private readonly ulong[] _words;

    public ReachedBlocks(ulong totalBlocks)
    {
        TotalBlocks = totalBlocks;
        _words = new ulong[checked((int)((totalBlocks + 63) / 64))];
        Set(default, (int)ContainerLayout.FirstDataBlock);
    }

    public ulong TotalBlocks { get; }

    /// <summary>Blocks reached.</summary>
    public long Count { get; private set; }

    /// <summary>Marks both copies of a unit.</summary>
    /// <returns>False, and nothing is marked: a block lies outside of the container, or something else leads to it already.</returns>
    public bool TryAdd(in BlockPointer pointer)
    {
        if (!IsFree(pointer.Address, pointer.BlockCount))
            return false;
        if (pointer.Second.IsNone)
        {
            Set(pointer.Address, pointer.BlockCount);
            return true;
        }

        ulong distance = pointer.Second.Value > pointer.Address.Value ? pointer.Second.Value - pointer.Address.Value : pointer.Address.Value - pointer.Second.Value;
        if (distance < (ulong)pointer.BlockCount || !IsFree(pointer.Second, pointer.BlockCount))
            return false;
        Set(pointer.Address, pointer.BlockCount);
        Set(pointer.Second, pointer.BlockCount);
        return true;
    }

    /// <summary>Marks both copies of a unit, whatever else leads there, as far as they lie in the container.</summary>
    public void Mark(in BlockPointer pointer)
    {
        Mark(pointer.Address, pointer.BlockCount);
        if (!pointer.Second.IsNone)
            Mark(pointer.Second, pointer.BlockCount);
    }

    /// <summary>Marks 64 blocks from a multiple of 64 on, by the bits of a bitmap.</summary>
    public void MarkWord(ulong index, ulong bits)
    {
        if (index >= (ulong)_words.Length)
            return;
        Count += BitOperations.PopCount(bits & ~_words[index]);
        _words[index] |= bits;
    }

    /// <summary>The 64 blocks from a multiple of 64 on, the first in the lowest bit; zero beyond the end.</summary>
    public ulong Word(ulong index) => index < (ulong)_words.Length ? _words[index] : 0;

    private void Mark(BlockAddress start, int count)
    {
        for (ulong block = start.Value; block < start.Value + (ulong)count && block < TotalBlocks; block++)
            MarkWord(block / 64, 1UL << (int)(block % 64));
    }

    private bool IsFree(BlockAddress start, int count)
    {
        if (start.Value >= TotalBlocks || (ulong)count > TotalBlocks - start.Value)
            return false;
        for (ulong block = start.Value; block < start.Value + (ulong)count; block++)
        {
            if ((_words[block / 64] & (1UL << (int)(block % 64))) != 0)
                return false;
        }

        return true;
    }

    private void Set(BlockAddress start, int count)
    {
        for (ulong block = start.Value; block < start.Value + (ulong)count; block++)
            _words[block / 64] |= 1UL << (int)(block % 64);
        Count += count;
    }
}
