using System.Buffers.Binary;

namespace Vault.Storage;

/// <summary>
/// A view of a branch page: sorted slots of lower bound and pointer (docs/format/container.md, "Branch page"). The
/// first slot's key counts as below everything. Checked when loaded; the view trusts the bytes.
/// </summary>
internal readonly ref struct BranchPage(Span<byte> page)
{
    public const byte Mark = 0x42;
    public const int HeaderSize = 16;
    public const int SlotSize = TreeKey.SizeBytes + 4 + BlockPointer.SizeBytes;
    public const int MaxCount = (ContainerLayout.PageSize - HeaderSize) / SlotSize;

    private const int PointerOffset = TreeKey.SizeBytes + 4;

    private readonly Span<byte> _page = page;

    public int Count
    {
        get => BinaryPrimitives.ReadUInt16LittleEndian(_page[2..]);
        private set => BinaryPrimitives.WriteUInt16LittleEndian(_page[2..], (ushort)value);
    }

    public static void Format(Span<byte> page, int level)
    {
        page.Clear();
        page[0] = Mark;
        page[1] = (byte)level;
    }

    /// <summary>Whether bytes that authenticated also have a branch's structure.</summary>
    public static bool IsWellFormed(Span<byte> page)
    {
        BranchPage branch = new(page);
        if (page[0] != Mark || page[1] == 0 || page[1] > CopyOnWriteTree.MaxDepth || branch.Count is 0 or > MaxCount)
            return false;
        for (int i = 0; i < branch.Count; i++)
        {
            if (branch.PointerAt(i).IsNone)
                return false;
            if (i > 1 && branch.KeyAt(i - 1).CompareTo(branch.Slot(i)) >= 0)
                return false;
        }

        return true;
    }

    public TreeKey KeyAt(int index) => TreeKey.Read(Slot(index));

    public BlockPointer PointerAt(int index) => BlockPointer.Read(Slot(index)[PointerOffset..]);

    public void SetPointer(int index, in BlockPointer pointer) => pointer.WriteTo(Slot(index)[PointerOffset..]);

    public void SetKey(int index, in TreeKey key) => key.WriteTo(Slot(index));

    /// <summary>The slot under which <paramref name="key"/> lies.</summary>
    public int Search(in TreeKey key)
    {
        int low = 1;
        int high = Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (key.CompareTo(Slot(middle)) < 0)
                high = middle;
            else
                low = middle + 1;
        }

        return low - 1;
    }

    /// <exception cref="VaultCorruptionException">The key does not lie between its neighbours: the page below holds keys that are not its own.</exception>
    public void Insert(int index, in TreeKey key, in BlockPointer pointer)
    {
        int count = Count;
        if (count >= MaxCount)
            throw new InvalidOperationException("A branch page overflowed.");
        if (index > 0 && ((index > 1 && key.CompareTo(Slot(index - 1)) <= 0) || (index < count && key.CompareTo(Slot(index)) >= 0)))
            throw new VaultCorruptionException(new CorruptionSite("tree page", 0, "order"));
        int at = HeaderSize + (index * SlotSize);
        _page[at..(HeaderSize + (count * SlotSize))].CopyTo(_page[(at + SlotSize)..]);
        Span<byte> slot = _page.Slice(at, SlotSize);
        slot.Clear();
        key.WriteTo(slot);
        pointer.WriteTo(slot[PointerOffset..]);
        Count = count + 1;
    }

    public void Remove(int index)
    {
        int count = Count;
        int at = HeaderSize + (index * SlotSize);
        int end = HeaderSize + (count * SlotSize);
        _page[(at + SlotSize)..end].CopyTo(_page[at..]);
        _page[(end - SlotSize)..end].Clear();
        Count = count - 1;
    }

    private Span<byte> Slot(int index) => _page.Slice(HeaderSize + (index * SlotSize), SlotSize);
}
