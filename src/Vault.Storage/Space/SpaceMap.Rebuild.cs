using System.Buffers.Binary;
using System.Numerics;

namespace Vault.Storage;

/// <content>How a map is made anew from what pointers lead to.</content>
internal sealed partial class SpaceMap
{
    /// <summary>A map that no state on disk has: every page of it is written by the next commit.</summary>
    /// <param name="medium">Grows.</param>
    /// <param name="units">Writes bitmap and index pages.</param>
    /// <param name="used">What the state that the session starts from reaches, without its space map's pages.</param>
    /// <param name="needed">
    /// What any state on disk may need: held back until the second commit from now is durable.
    /// </param>
    /// <param name="liveGeneration">The generation that the next commit makes.</param>
    public static SpaceMap Rebuild(IMedium medium, SealedUnits units, ReachedBlocks used, ReachedBlocks needed, ulong liveGeneration)
    {
        SpaceMapRoot root = new(default, 0, used.TotalBlocks, (long)used.TotalBlocks - used.Count);
        SpaceMap map = new(medium, units, root, null, liveGeneration);
        byte[] bitmap = new byte[ContainerLayout.BlockSize];
        lock (map._lock)
        {
            foreach (ulong group in used.Groups.Union(needed.Groups).Order()) // the others are all free: they have no bitmap
                map.RebuildGroup((int)group, used, needed, bitmap);
        }

        return map;
    }

    private void RebuildGroup(int group, ReachedBlocks used, ReachedBlocks needed, Span<byte> bitmap)
    {
        BitmapPage page = Group(group);
        ulong firstWord = (ulong)group * ReachedBlocks.WordsPerGroup;
        for (int i = 0; i < ReachedBlocks.WordsPerGroup; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(bitmap[(i * 8)..], used.Word(firstWord + (ulong)i));
        page.Load(bitmap);
        for (int i = 0; i < ReachedBlocks.WordsPerGroup; i++)
        {
            ulong held = needed.Word(firstWord + (ulong)i) & ~used.Word(firstWord + (ulong)i);
            while (held != 0)
            {
                int bit = BitOperations.TrailingZeroCount(held);
                int count = BitOperations.TrailingZeroCount(~(held >> bit));
                count = Math.Min(count, 64 - bit);
                HoldRebuilt(page, (i * 64) + bit, count);
                held &= bit + count == 64 ? (1UL << bit) - 1 : ~(((1UL << count) - 1) << bit);
            }
        }

        MarkDirty(page, byCommit: false);
    }

    private void HoldRebuilt(BitmapPage page, int bit, int count)
    {
        page.Hold(bit, count);
        _heldByLive.Add(new Extent(AddressOf(page.Group, bit), count));
        _heldBlocks += count;
    }
}
