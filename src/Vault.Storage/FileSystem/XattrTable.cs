using System.Buffers.Binary;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// The table of extended attributes: (inode, 48 bits of keyed hash, 8 bits of collision number, 8 bits of piece
/// number). Piece 0 holds name length (1), zero (1), value length (4), name and the value's start; the others go
/// on with the value, 4096 bytes each. The caller holds the tree's lock.
/// </summary>
internal sealed class XattrTable(CopyOnWriteTree tree, VaultCipher cipher)
{
    public const int MaxValueLength = 65536;

    /// <summary>Of the name in piece 0.</summary>
    public const int NameOffset = 6;

    /// <summary>The number of a piece, by its key's item.</summary>
    public static int PieceOf(ulong item) => (int)(item & 0xFF);

    /// <summary>Whether a first piece holds a name and the start of a value as <see cref="Put"/> writes them.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> first)
    {
        if (first.Length < NameOffset || first[0] == 0 || first.Length < NameOffset + first[0])
            return false;
        int length = BinaryPrimitives.ReadInt32LittleEndian(first[2..]);
        return length is >= 0 and <= MaxValueLength
            && first.Length == Math.Min(LeafPage.MaxValueSize, NameOffset + first[0] + length);
    }

    /// <summary>What a well-formed first piece has of the value.</summary>
    public static ReadOnlySpan<byte> ValueInFirst(ReadOnlySpan<byte> first) => first[(NameOffset + first[0])..];

    /// <summary>Bytes of the value that lie in the pieces after a well-formed first one.</summary>
    public static int MissingAfterFirst(ReadOnlySpan<byte> first) =>
        BinaryPrimitives.ReadInt32LittleEndian(first[2..]) - (first.Length - NameOffset - first[0]);

    /// <summary>Whether a key's item is one that the name in a well-formed first piece gives.</summary>
    public bool IsPlaceOf(ulong item, ReadOnlySpan<byte> first) => item >> 16 == cipher.HashName(NameOf(first)) >> 8;

    public bool TryFind(InodeNumber inode, ReadOnlySpan<byte> name, out ulong item, out int valueLength) =>
        TryFind(inode, name, out item, out valueLength, out _);

    /// <summary>Finds an attribute, or where it can be put (0: all collision numbers are taken).</summary>
    public bool TryFind(InodeNumber inode, ReadOnlySpan<byte> name, out ulong item, out int valueLength, out ulong freeItem)
    {
        ulong first = (cipher.HashName(name) >> 8) << 16;
        freeItem = first;
        TreeScan scan = tree.Scan(new TreeKey(TableId.Xattrs, inode.Value, first));
        TreeKey last = new(TableId.Xattrs, inode.Value, first | 0xFFFF); // the last piece number is never used
        while (scan.MoveNext(last))
        {
            if ((scan.Key.Item & 0xFF) != 0)
                continue;
            if (NameOf(scan.Value).SequenceEqual(name))
            {
                item = scan.Key.Item;
                valueLength = BinaryPrimitives.ReadInt32LittleEndian(scan.Value[2..]);
                return true;
            }

            if (scan.Key.Item == freeItem)
                freeItem += 0x100;
        }

        freeItem = freeItem > (first | 0xFFFF) ? ulong.MaxValue : freeItem;
        item = 0;
        valueLength = 0;
        return false;
    }

    /// <summary>Copies a value out; <paramref name="value"/> is as long as the value.</summary>
    public void Read(InodeNumber inode, ulong item, Span<byte> value)
    {
        TreeScan scan = tree.Scan(new TreeKey(TableId.Xattrs, inode.Value, item));
        int done = 0;
        TreeKey last = new(TableId.Xattrs, inode.Value, item | 0xFF);
        while (done < value.Length && scan.MoveNext(last))
        {
            ReadOnlySpan<byte> piece = (scan.Key.Item & 0xFF) == 0 ? scan.Value[(NameOffset + NameOf(scan.Value).Length)..] : scan.Value;
            if (!piece.TryCopyTo(value[done..]))
                throw NotWellFormed();
            done += piece.Length;
        }

        if (done != value.Length)
            throw NotWellFormed();
    }

    public void Put(InodeNumber inode, ulong item, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        byte[] rented = PinnedBufferPool.Shared.Rent(LeafPage.MaxValueSize);
        Span<byte> first = rented.AsSpan(0, LeafPage.MaxValueSize);
        first[0] = (byte)name.Length;
        BinaryPrimitives.WriteInt32LittleEndian(first[2..], value.Length);
        name.CopyTo(first[NameOffset..]);
        int start = Math.Min(value.Length, first.Length - NameOffset - name.Length);
        value[..start].CopyTo(first[(NameOffset + name.Length)..]);
        tree.Put(new TreeKey(TableId.Xattrs, inode.Value, item), first[..(NameOffset + name.Length + start)]);
        PinnedBufferPool.Shared.Return(rented);
        for (int piece = 1; start < value.Length; piece++)
        {
            int length = Math.Min(LeafPage.MaxValueSize, value.Length - start);
            tree.Put(new TreeKey(TableId.Xattrs, inode.Value, item + (ulong)piece), value.Slice(start, length));
            start += length;
        }
    }

    public void Remove(InodeNumber inode, ulong item) => tree.RemoveRange(
        new TreeKey(TableId.Xattrs, inode.Value, item), new TreeKey(TableId.Xattrs, inode.Value, item | 0xFF), 0x100, static _ => { });

    public void RemoveAll(InodeNumber inode) => tree.RemoveRange(
        new TreeKey(TableId.Xattrs, inode.Value), EndOf(inode), int.MaxValue, static _ => { });

    public bool HasAny(InodeNumber inode)
    {
        TreeScan scan = tree.Scan(new TreeKey(TableId.Xattrs, inode.Value));
        return scan.MoveNext(EndOf(inode));
    }

    /// <summary>Writes the names of some kinds, each ended by NUL, as far as they fit.</summary>
    /// <returns>Bytes of all these names.</returns>
    public int List(InodeNumber inode, Span<byte> names, XattrKinds kinds = XattrKinds.All)
    {
        int total = 0;
        TreeScan scan = tree.Scan(new TreeKey(TableId.Xattrs, inode.Value));
        while (scan.MoveNext(EndOf(inode)))
        {
            if ((scan.Key.Item & 0xFF) != 0)
                continue;
            ReadOnlySpan<byte> name = NameOf(scan.Value);
            if ((KindOf(name) & ~kinds) == 0)
            {
                if (total + name.Length + 1 <= names.Length)
                {
                    name.CopyTo(names[total..]);
                    names[total + name.Length] = 0;
                }

                total += name.Length + 1;
            }

            // Over the rest of the value, which may lie in many pages; the last piece number is never used.
            if (MissingAfterFirst(scan.Value) > 0)
                scan = tree.Scan(new TreeKey(TableId.Xattrs, inode.Value, scan.Key.Item | 0xFF));
        }

        return total;
    }

    private static XattrKinds KindOf(ReadOnlySpan<byte> name)
    {
        if (name.StartsWith("trusted."u8))
            return XattrKinds.Trusted;
        return AccessControlList.IsName(name) ? XattrKinds.AccessControlLists : XattrKinds.None;
    }

    private static TreeKey EndOf(InodeNumber inode) => new(TableId.Xattrs, inode.Value, ulong.MaxValue);

    /// <exception cref="VaultCorruptionException">It is no well-formed first piece.</exception>
    public static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> piece) =>
        IsWellFormed(piece) ? piece.Slice(NameOffset, piece[0]) : throw NotWellFormed();

    private static VaultCorruptionException NotWellFormed() => new(new CorruptionSite("extended attribute", 0, "structure"));
}
