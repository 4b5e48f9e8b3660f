using System.Buffers.Binary;

namespace Vault.Storage;

/// <summary>
/// A view of a leaf page: sorted slots from the front, values from the back (docs/format/container.md, "Leaf page").
/// The bytes were checked when the page was loaded; the view trusts them.
/// </summary>
internal readonly ref struct LeafPage(Span<byte> page)
{
    public const byte Mark = 0x4C;
    public const int HeaderSize = 16;
    public const int SlotSize = TreeKey.SizeBytes + 4;

    /// <summary>Longest value: with its slot about a quarter of a page, so that any two pages can share any three items.</summary>
    public const int MaxValueSize = 4096;

    public const int Capacity = ContainerLayout.PageSize - HeaderSize;

    private readonly Span<byte> _page = page;

    public int Count
    {
        get => BinaryPrimitives.ReadUInt16LittleEndian(_page[2..]);
        private set => BinaryPrimitives.WriteUInt16LittleEndian(_page[2..], (ushort)value);
    }

    /// <summary>Bytes that slots and values hold.</summary>
    public int UsedBytes => (Count * SlotSize) + BinaryPrimitives.ReadUInt16LittleEndian(_page[6..]);

    private int HeapStart
    {
        get => BinaryPrimitives.ReadUInt16LittleEndian(_page[4..]);
        set => BinaryPrimitives.WriteUInt16LittleEndian(_page[4..], (ushort)value);
    }

    private int LiveValueBytes
    {
        get => BinaryPrimitives.ReadUInt16LittleEndian(_page[6..]);
        set => BinaryPrimitives.WriteUInt16LittleEndian(_page[6..], (ushort)value);
    }

    public static void Format(Span<byte> page)
    {
        page.Clear();
        page[0] = Mark;
        LeafPage leaf = new(page);
        leaf.HeapStart = ContainerLayout.PageSize;
    }

    /// <summary>Whether bytes that authenticated also have a leaf's structure; a page that has it can be trusted.</summary>
    public static bool IsWellFormed(Span<byte> page)
    {
        if (page[0] != Mark || page[1] != 0)
            return false;
        LeafPage leaf = new(page);
        int count = leaf.Count;
        int heapStart = leaf.HeapStart;
        if (heapStart > ContainerLayout.PageSize || HeaderSize + (count * SlotSize) > heapStart)
            return false;
        int live = 0;
        Span<ulong> taken = stackalloc ulong[ContainerLayout.PageSize / 64];
        taken.Clear();
        for (int i = 0; i < count; i++)
        {
            (int offset, int length) = leaf.ValueRange(i);
            if (offset < heapStart || offset + length > ContainerLayout.PageSize || length > MaxValueSize || !TryTake(taken, offset, offset + length))
                return false;
            live += length;
            if (i > 0 && leaf.KeyAt(i - 1).CompareTo(leaf.KeyBytes(i)) >= 0)
                return false;
        }

        return live == leaf.LiveValueBytes && live <= ContainerLayout.PageSize - heapStart;
    }

    public TreeKey KeyAt(int index) => TreeKey.Read(KeyBytes(index));

    public Span<byte> ValueAt(int index)
    {
        (int offset, int length) = ValueRange(index);
        return _page.Slice(offset, length);
    }

    /// <summary>The first slot whose key is not below <paramref name="key"/>.</summary>
    public int Search(in TreeKey key, out bool found)
    {
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            int order = key.CompareTo(KeyBytes(middle));
            if (order == 0)
            {
                found = true;
                return middle;
            }

            if (order < 0)
                high = middle;
            else
                low = middle + 1;
        }

        found = false;
        return low;
    }

    /// <summary>Inserts at <paramref name="index"/> (from <see cref="Search"/>). False if there is no room.</summary>
    public bool TryInsert(int index, in TreeKey key, ReadOnlySpan<byte> value)
    {
        int count = Count;
        int slotsEnd = HeaderSize + ((count + 1) * SlotSize);
        if (slotsEnd + LiveValueBytes + value.Length > ContainerLayout.PageSize)
            return false;
        if (HeapStart - value.Length < slotsEnd)
            Compact();
        int offset = HeapStart - value.Length;
        value.CopyTo(_page[offset..]);
        HeapStart = offset;
        LiveValueBytes += value.Length;
        int at = HeaderSize + (index * SlotSize);
        _page[at..(HeaderSize + (count * SlotSize))].CopyTo(_page[(at + SlotSize)..]);
        Span<byte> slot = _page.Slice(at, SlotSize);
        key.WriteTo(slot);
        BinaryPrimitives.WriteUInt16LittleEndian(slot[20..], (ushort)offset);
        BinaryPrimitives.WriteUInt16LittleEndian(slot[22..], (ushort)value.Length);
        Count = count + 1;
        return true;
    }

    /// <summary>Removes the slots from <paramref name="start"/> up to <paramref name="end"/>; their values' bytes are wiped at the next compaction.</summary>
    public void Remove(int start, int end)
    {
        int count = Count;
        int freed = 0;
        for (int i = start; i < end; i++)
            freed += ValueRange(i).Length;
        Span<byte> slots = _page[HeaderSize..(HeaderSize + (count * SlotSize))];
        slots[(end * SlotSize)..].CopyTo(slots[(start * SlotSize)..]);
        slots[((count - (end - start)) * SlotSize)..].Clear();
        Count = count - (end - start);
        LiveValueBytes -= freed;
    }

    /// <summary>Appends a slot behind the last; the caller knows that it belongs and fits there.</summary>
    /// <exception cref="VaultCorruptionException">It does not belong there: the pages that the items come from hold keys that are not their own.</exception>
    public void Append(in TreeKey key, ReadOnlySpan<byte> value)
    {
        if (Count > 0 && key.CompareTo(KeyBytes(Count - 1)) <= 0)
            throw new VaultCorruptionException(new CorruptionSite("tree page", 0, "order"));
        if (!TryInsert(Count, key, value))
            throw new InvalidOperationException("A leaf page overflowed while it was being rebuilt.");
    }

    // Bytes of two values would change with either of them. A bit a byte; a value is a few words of bits.
    private static bool TryTake(Span<ulong> taken, int start, int end)
    {
        while (start < end)
        {
            int bit = start % 64;
            int count = Math.Min(64 - bit, end - start);
            ulong bits = ulong.MaxValue >> (64 - count) << bit;
            ref ulong word = ref taken[start / 64];
            if ((word & bits) != 0)
                return false;
            word |= bits;
            start += count;
        }

        return true;
    }

    private Span<byte> KeyBytes(int index) => _page.Slice(HeaderSize + (index * SlotSize), TreeKey.SizeBytes);

    private (int Offset, int Length) ValueRange(int index)
    {
        Span<byte> slot = _page.Slice(HeaderSize + (index * SlotSize) + TreeKey.SizeBytes, 4);
        return (BinaryPrimitives.ReadUInt16LittleEndian(slot), BinaryPrimitives.ReadUInt16LittleEndian(slot[2..]));
    }

    private void Compact()
    {
        byte[] rented = Crypto.PinnedBufferPool.Shared.Rent(ContainerLayout.PageSize);
        Span<byte> copy = rented.AsSpan(0, ContainerLayout.PageSize);
        _page.CopyTo(copy);
        LeafPage old = new(copy);
        int count = old.Count;
        int end = ContainerLayout.PageSize;
        for (int i = 0; i < count; i++)
        {
            Span<byte> value = old.ValueAt(i);
            end -= value.Length;
            value.CopyTo(_page[end..]);
            BinaryPrimitives.WriteUInt16LittleEndian(_page[(HeaderSize + (i * SlotSize) + TreeKey.SizeBytes)..], (ushort)end);
        }

        HeapStart = end;
        _page[(HeaderSize + (count * SlotSize))..end].Clear(); // No removed value survives in free space.
        Crypto.PinnedBufferPool.Shared.Return(rented);
    }
}
