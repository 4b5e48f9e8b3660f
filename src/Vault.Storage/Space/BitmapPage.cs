using System.Numerics;
using System.Runtime.InteropServices;

namespace Vault.Storage;

/// <summary>
/// One bitmap of the space map in memory: 32,768 blocks (128 MiB), a set bit is a used block. While a commit is
/// being written, <see cref="Frozen"/> keeps what that commit sees apart from what goes on. Not synchronized.
/// </summary>
/// <param name="group">Its number.</param>
/// <param name="ready">Receives what this page adds to the ready space.</param>
internal sealed partial class BitmapPage(int group, ReadySpace ready)
{
    public const int BlocksPerGroup = ContainerLayout.BlockSize * 8;
    public const int SlotBlocks = ContainerLayout.PageBlocks;

    private const int WordCount = BlocksPerGroup / 64;

    private readonly ulong[] _live = new ulong[WordCount];

    /// <summary>Free blocks that must not be written: a state that could still be opened needs them, or they are just being given back.</summary>
    private readonly ulong[] _held = new ulong[WordCount];

    /// <summary>
    /// Blocks whose space the host may not have. Unknown for what is free when the bitmap is loaded; used blocks were
    /// written, so the host has theirs.
    /// </summary>
    private readonly ulong[] _bare = NewBare();

    private ulong[]? _frozen;
    private int _firstFreeWord;

    public int Group { get; } = group;

    /// <summary>Where the page lies; none if it was never written or has no used block.</summary>
    public BlockPointer Pointer { get; set; }

    /// <summary>Changed since the last freeze.</summary>
    public bool IsDirty { get; set; }

    /// <summary>To be written by the commit under way.</summary>
    public bool IsFrozenDirty { get; set; }

    /// <summary>Whether <see cref="Pointer"/> is already where the commit under way will write the page.</summary>
    public bool HasNewPlace { get; set; }

    /// <summary>The stored bitmap cannot be read: nothing is allocated here, and what is freed stays used until a repair.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Blocks that can be written at once.</summary>
    public int ReadyBlocks { get; private set; }

    public int HeldBlocks { get; private set; }

    private int ReadySlots { get; set; }

    /// <summary>The page's bytes as the commit under way sees them.</summary>
    public ReadOnlySpan<byte> Frozen => MemoryMarshal.AsBytes((_frozen ?? _live).AsSpan());

    public int FrozenFreeCount => CountFree(_frozen ?? _live);

    /// <summary>Whether nothing would be lost if the page were loaded again when it is needed.</summary>
    public bool CanBeUnloaded => !IsDirty && !IsFrozenDirty && _frozen is null && HeldBlocks == 0 && !IsDamaged;

    public void Load(ReadOnlySpan<byte> stored)
    {
        stored.CopyTo(MemoryMarshal.AsBytes(_live.AsSpan()));
        for (int word = 0; word < WordCount; word++)
            _bare[word] = ~_live[word];
    }

    public void SetDamaged()
    {
        Array.Fill(_live, ulong.MaxValue);
        Array.Clear(_bare);
        IsDamaged = true;
    }

    /// <summary>Takes what the page adds out of the ready space: it leaves memory.</summary>
    public void Unload()
    {
        ready.Add(-ReadyBlocks, -ReadySlots);
        ReadyBlocks = ReadySlots = 0;
    }

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
        CountReady(start, count, sign: -1);
        for (int bit = start; bit < start + count; bit++)
        {
            if (IsUsed(bit) == used)
                throw new InvalidOperationException(used ? "A used block was allocated again." : "A free block was freed.");
            Assign(_live, bit, used);
            if (byCommit && _frozen is not null)
                Assign(_frozen, bit, used);
        }

        CountReady(start, count, sign: 1);
        if (!used)
            _firstFreeWord = Math.Min(_firstFreeWord, start / 64);
    }

    /// <summary>Keeps a run from being written until <see cref="Release"/>.</summary>
    public void Hold(int start, int count)
    {
        SetAll(_held, start, count, true);
        HeldBlocks += count;
    }

    public void Release(int start, int count)
    {
        SetAll(_held, start, count, false);
        HeldBlocks -= count;
        _firstFreeWord = Math.Min(_firstFreeWord, start / 64);
    }

    /// <summary>The host has given the space of a run, or may have taken it away.</summary>
    public void SetBare(int start, int count, bool isBare) => SetAll(_bare, start, count, isBare);

    private static ulong[] NewBare()
    {
        ulong[] words = new ulong[WordCount];
        Array.Fill(words, ulong.MaxValue);
        return words;
    }

    private static int CountFree(ulong[] words)
    {
        int used = 0;
        foreach (ulong word in words)
            used += BitOperations.PopCount(word);
        return BlocksPerGroup - used;
    }

    private static ulong Mask(int bit) => 1UL << (bit % 64);

    private static void Assign(ulong[] words, int bit, bool value)
    {
        if (value)
            words[bit / 64] |= Mask(bit);
        else
            words[bit / 64] &= ~Mask(bit);
    }

    private void SetAll(ulong[] words, int start, int count, bool value)
    {
        CountReady(start, count, sign: -1);
        for (int bit = start; bit < start + count; bit++)
            Assign(words, bit, value);
        CountReady(start, count, sign: 1);
    }

    // Ready blocks and slots in the words that a run touches: before a change of it with -1, after it with 1.
    private void CountReady(int start, int count, int sign)
    {
        int blocks = 0;
        int slots = 0;
        for (int word = start / 64; word <= (start + count - 1) / 64; word++)
        {
            ulong bits = WordOf(BlockSet.Ready, word);
            blocks += BitOperations.PopCount(bits);
            slots += BitOperations.PopCount(WholeSlotsOf(bits));
        }

        ReadyBlocks += sign * blocks;
        ReadySlots += sign * slots;
        ready.Add(sign * blocks, sign * slots);
    }
}
