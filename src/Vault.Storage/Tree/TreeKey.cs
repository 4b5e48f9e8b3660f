using System.Buffers.Binary;

namespace Vault.Storage;

/// <summary>A key of the tree: ordered by table, then object, then item. 17 bytes used of a 20-byte field on disk.</summary>
internal readonly record struct TreeKey(TableId Table, ulong Object, ulong Item = 0)
{
    /// <summary>Bytes of the key field in a page slot: object (8), item (8), table (1), zeros (3).</summary>
    public const int SizeBytes = 20;

    /// <summary>Above every key.</summary>
    public static TreeKey Highest => new((TableId)byte.MaxValue, ulong.MaxValue, ulong.MaxValue);

    public static TreeKey Read(ReadOnlySpan<byte> source) => new(
        (TableId)source[16],
        BinaryPrimitives.ReadUInt64LittleEndian(source),
        BinaryPrimitives.ReadUInt64LittleEndian(source[8..]));

    public void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, Object);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], Item);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[16..], (uint)Table);
    }

    /// <summary>Compares with a key as stored, without decoding more of it than needed.</summary>
    public int CompareTo(ReadOnlySpan<byte> stored)
    {
        int order = ((byte)Table).CompareTo(stored[16]);
        if (order != 0)
            return order;
        order = Object.CompareTo(BinaryPrimitives.ReadUInt64LittleEndian(stored));
        return order != 0 ? order : Item.CompareTo(BinaryPrimitives.ReadUInt64LittleEndian(stored[8..]));
    }

    public int CompareTo(in TreeKey other)
    {
        int order = ((byte)Table).CompareTo((byte)other.Table);
        if (order != 0)
            return order;
        order = Object.CompareTo(other.Object);
        return order != 0 ? order : Item.CompareTo(other.Item);
    }
}
