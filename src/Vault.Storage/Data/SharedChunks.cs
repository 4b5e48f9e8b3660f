using System.Buffers.Binary;

namespace Vault.Storage;

/// <summary>
/// How many chunk records lead to the same sealed unit: (address, 0) -> count, for units with at least two. The one way by which
/// a unit that a chunk record named is let go: its blocks are free when the last record goes. The caller holds the tree's lock
/// exclusively.
/// </summary>
internal sealed class SharedChunks(Volume volume)
{
    public const int ValueSize = sizeof(ulong);

    /// <summary>The least count that is stored.</summary>
    public const ulong MinCount = 2;

    /// <summary>More chunks than a container has blocks.</summary>
    public const ulong MaxCount = 1UL << 48;

    private volatile bool _isKnown;
    private volatile bool _hasAny;

    /// <summary>Whether there may be entries: letting go of a chunk may then change the table. The tree's lock may be held shared.</summary>
    public bool HasAny
    {
        get
        {
            if (!_isKnown)
            {
                _hasAny = FindAny();
                _isKnown = true;
            }

            return _hasAny;
        }
    }

    /// <summary>
    /// Chunks that one step of a deletion lets go of: each shared one may change another page of the table, which the next commit
    /// needs room for. The tree's lock may be held shared.
    /// </summary>
    public int ReleasedAtOnce => HasAny ? 256 : 4096;

    public static TreeKey KeyOf(BlockAddress address) => new(TableId.SharedChunks, address.Value);

    /// <summary>First blocks of the units that have a count. The tree's lock is held.</summary>
    public static List<ulong> AddressesIn(CopyOnWriteTree tree)
    {
        List<ulong> addresses = [];
        TreeScan scan = tree.Scan(new TreeKey(TableId.SharedChunks, 0));
        while (scan.MoveNext(new TreeKey(TableId.SharedChunks + 1, 0)))
            addresses.Add(scan.Key.Object);
        return addresses;
    }

    /// <summary>The count in a stored value; 0: malformed.</summary>
    public static ulong CountIn(ReadOnlySpan<byte> value) =>
        value.Length == ValueSize && BinaryPrimitives.ReadUInt64LittleEndian(value) is >= MinCount and <= MaxCount and var count ? count : 0;

    public static void Put(CopyOnWriteTree tree, BlockAddress address, ulong count)
    {
        Span<byte> value = stackalloc byte[ValueSize];
        BinaryPrimitives.WriteUInt64LittleEndian(value, count);
        tree.Put(KeyOf(address), value);
    }

    /// <summary>Records that lead to a unit, as the table has it: 1 if it has no entry.</summary>
    /// <exception cref="VaultCorruptionException">Nobody can say.</exception>
    public ulong CountOf(in BlockPointer pointer)
    {
        Span<byte> value = stackalloc byte[ValueSize];
        if (!HasAny || !volume.Tree.TryGet(KeyOf(pointer.Address), value, out int length))
            return 1;
        ulong count = CountIn(value[..length]);
        return count > 0 ? count : throw new VaultCorruptionException(new CorruptionSite("count of a shared chunk", pointer.Address.OffsetBytes, "structure"));
    }

    /// <summary>Counts one more record that leads to a unit.</summary>
    public void Add(in BlockPointer pointer)
    {
        Put(volume.Tree, pointer.Address, CountOf(pointer) + 1);
        _hasAny = _isKnown = true;
    }

    /// <summary>Lets go of a unit that a record named which is gone: frees its blocks if no other record leads to them.</summary>
    public void Release(in BlockPointer pointer)
    {
        ulong count;
        try
        {
            count = CountOf(pointer);
        }
        catch (VaultCorruptionException)
        {
            return; // Somebody else's data may lie there: the blocks stay in use until a repair has counted.
        }

        if (count == 1)
            Free(pointer);
        else if (count == MinCount)
            volume.Tree.Remove(KeyOf(pointer.Address));
        else
            Put(volume.Tree, pointer.Address, count - 1);
    }

    private void Free(in BlockPointer pointer)
    {
        if (volume.Space.Free(pointer))
            volume.Changes?.NoteFreed(pointer);
    }

    private bool FindAny()
    {
        try
        {
            return volume.Tree.Scan(new TreeKey(TableId.SharedChunks, 0)).MoveNext(new TreeKey(TableId.SharedChunks + 1, 0));
        }
        catch (VaultCorruptionException)
        {
            return true;
        }
    }
}
