using System.Buffers.Binary;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>What a name in a directory leads to.</summary>
/// <param name="Item">The second part of the entry's key: also its readdir cookie.</param>
/// <param name="Inode">The inode.</param>
/// <param name="Type">The inode's type bits.</param>
internal readonly record struct DirectoryEntry(ulong Item, InodeNumber Inode, uint Type);

/// <summary>A name and the first key item of its hash.</summary>
internal readonly ref struct HashedName(ReadOnlySpan<byte> bytes, ulong firstItem)
{
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    public ulong FirstItem { get; } = firstItem;
}

/// <summary>
/// The table of names: (directory, 56 bits of keyed hash and 7 bits of collision number) -> inode (8), type (2),
/// name. Numbers never change while an entry lives, so that they are cookies. The caller holds the tree's lock.
/// </summary>
internal sealed class DirectoryTable(CopyOnWriteTree tree, VaultCipher cipher)
{
    /// <summary>Cookies of "." and ".."; hashes of names lie above.</summary>
    public const ulong DotCookie = 1;
    public const ulong DotDotCookie = 2;
    public const int MaxNameLength = 255;

    private const int CollisionBits = 7;
    /// <summary>Of the name in an entry.</summary>
    public const int NameOffset = 10;

    /// <summary>Hashes a name: outside of the tree's lock, since it takes longer than a search.</summary>
    public HashedName Hash(ReadOnlySpan<byte> name) => new(name, Math.Max(cipher.HashName(name), 1) << CollisionBits);

    public bool TryFind(InodeNumber directory, HashedName name, out DirectoryEntry entry) =>
        TryFind(directory, name, out entry, out _);

    /// <summary>Finds a name, or the place where it can be put.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="name">What.</param>
    /// <param name="entry">The entry, if found.</param>
    /// <param name="freeItem">If not found: the lowest free key with the name's hash; 0 if all 128 are taken.</param>
    public bool TryFind(InodeNumber directory, HashedName name, out DirectoryEntry entry, out ulong freeItem)
    {
        ulong first = name.FirstItem;
        ulong last = first | ((1UL << CollisionBits) - 1);
        ulong free = first;
        TreeScan scan = tree.Scan(new TreeKey(TableId.DirectoryEntries, directory.Value, first));
        TreeKey end = new(TableId.DirectoryEntries, directory.Value, last + 1);
        while (scan.MoveNext(end))
        {
            TreeKey key = scan.Key;
            ReadOnlySpan<byte> value = scan.Value;
            entry = Decode(key.Item, value);
            if (NameOf(value).SequenceEqual(name.Bytes))
            {
                freeItem = 0;
                return true;
            }

            if (key.Item == free)
                free++;
        }

        entry = default;
        freeItem = free > last ? 0 : free;
        return false;
    }

    /// <summary>Puts a name at a free item, or another inode at an existing entry's.</summary>
    public void Put(InodeNumber directory, ulong item, HashedName name, InodeNumber inode, uint mode)
    {
        Span<byte> value = stackalloc byte[NameOffset + MaxNameLength];
        BinaryPrimitives.WriteUInt64LittleEndian(value, inode.Value);
        BinaryPrimitives.WriteUInt16LittleEndian(value[8..], (ushort)(mode & ModeBits.TypeMask));
        name.Bytes.CopyTo(value[NameOffset..]);
        tree.Put(new TreeKey(TableId.DirectoryEntries, directory.Value, item), value[..(NameOffset + name.Bytes.Length)]);
    }

    public void Remove(InodeNumber directory, ulong item) =>
        tree.Remove(new TreeKey(TableId.DirectoryEntries, directory.Value, item));

    public bool IsEmpty(InodeNumber directory)
    {
        TreeScan scan = ScanFrom(directory, 0);
        return !scan.MoveNext() || !IsEntryOf(scan.Key, directory);
    }

    public TreeScan ScanFrom(InodeNumber directory, ulong afterCookie) =>
        tree.Scan(new TreeKey(TableId.DirectoryEntries, directory.Value, Math.Clamp(afterCookie, DotDotCookie, ulong.MaxValue - 1) + 1));

    public static bool IsEntryOf(in TreeKey key, InodeNumber directory) =>
        key.Table == TableId.DirectoryEntries && key.Object == directory.Value;

    /// <summary>Whether a stored value is an inode, a type and a name that a directory can hold.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> value) =>
        value.Length is > NameOffset and <= NameOffset + MaxNameLength
        && BinaryPrimitives.ReadUInt64LittleEndian(value) is > 0 and <= InodeNumber.MaxValue
        && IsValidName(NameOf(value));

    /// <summary>The hash of a name, from its key's item.</summary>
    public static ulong HashOf(ulong item) => item >> CollisionBits;

    /// <summary>Whether a key's item is one that a name's hash gives.</summary>
    public bool IsPlaceOf(ulong item, ReadOnlySpan<byte> name) => HashOf(item) == HashOf(Hash(name).FirstItem);

    /// <exception cref="VaultCorruptionException">It is not well formed.</exception>
    public static DirectoryEntry Decode(ulong item, ReadOnlySpan<byte> value) => IsWellFormed(value)
        ? DecodeAnyName(item, value)
        : throw new VaultCorruptionException(new CorruptionSite("directory entry", 0, "structure"));

    /// <summary>As <see cref="Decode"/>, but the name may be one that no directory can hold; the value is at least <see cref="NameOffset"/> long.</summary>
    public static DirectoryEntry DecodeAnyName(ulong item, ReadOnlySpan<byte> value) =>
        new(item, new InodeNumber(BinaryPrimitives.ReadUInt64LittleEndian(value)), BinaryPrimitives.ReadUInt16LittleEndian(value[8..]));

    /// <summary>The name in a value that <see cref="Decode"/> accepted.</summary>
    public static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> value) => value[NameOffset..];

    private static bool IsValidName(ReadOnlySpan<byte> name) =>
        !name.ContainsAny((byte)'/', (byte)0) && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8);
}
