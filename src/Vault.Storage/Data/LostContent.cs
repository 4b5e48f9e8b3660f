using System.Buffers.Binary;

namespace Vault.Storage;

/// <summary>
/// The table of content that is known to be lost: (inode, last chunk of a run) -> first chunk of the run. Runs of an inode
/// do not overlap, and no chunk is stored within one. Reading there is an error, where a missing chunk record alone would
/// be a hole. Only inodes with <see cref="InodeFlags.HasLostContent"/> have any. The caller holds the tree's lock.
/// </summary>
internal sealed class LostContent(CopyOnWriteTree tree)
{
    public const int ValueSize = sizeof(ulong);

    /// <summary>The first chunk of a run, from its value.</summary>
    public static ulong FirstOf(ReadOnlySpan<byte> value) => BinaryPrimitives.ReadUInt64LittleEndian(value);

    /// <summary>Whether any of the chunks is lost.</summary>
    public bool Overlaps(InodeNumber inode, long first, long last) => TryFind(inode, (ulong)first, out _, out ulong start) && start <= (ulong)last;

    /// <summary>The first chunk that is lost from one on.</summary>
    public bool TryFindFrom(InodeNumber inode, long from, out ulong first)
    {
        bool isFound = TryFind(inode, (ulong)from, out _, out ulong start);
        first = Math.Max(start, (ulong)from);
        return isFound;
    }

    /// <exception cref="VaultCorruptionException">Any of the chunks is lost.</exception>
    public void ThrowIfLost(in InodeRecord record, InodeNumber inode, long first, long last)
    {
        if ((record.Flags & InodeFlags.HasLostContent) != 0 && Overlaps(inode, first, last))
            throw new VaultCorruptionException(new CorruptionSite("lost content of an inode", 0, "presence"));
    }

    /// <summary>Notes a run of which no chunk is noted yet, and sets the flag in the record, which the caller puts.</summary>
    public void Add(InodeNumber inode, ulong first, ulong last, ref InodeRecord record)
    {
        Put(inode, first, last);
        record.Flags |= InodeFlags.HasLostContent;
    }

    /// <summary>Chunks that are written anew, or lie behind the end now, are not lost any more; clears the flag after the last one.</summary>
    public void Remove(InodeNumber inode, long first, long last, ref InodeRecord record)
    {
        if ((record.Flags & InodeFlags.HasLostContent) == 0)
            return;
        while (TryFind(inode, (ulong)first, out ulong end, out ulong start) && start <= (ulong)last)
        {
            tree.Remove(KeyOf(inode, end));
            if (start < (ulong)first)
                Put(inode, start, (ulong)first - 1);
            if (end > (ulong)last)
                Put(inode, (ulong)last + 1, end);
        }

        if (!TryFind(inode, 0, out _, out _))
            record.Flags &= ~InodeFlags.HasLostContent;
    }

    private static TreeKey KeyOf(InodeNumber inode, ulong last) => new(TableId.LostContent, inode.Value, last);

    // The first run that ends at a chunk or behind it.
    private bool TryFind(InodeNumber inode, ulong from, out ulong last, out ulong first)
    {
        TreeScan scan = tree.Scan(KeyOf(inode, from));
        bool isFound = scan.MoveNext(KeyOf(inode, ulong.MaxValue));
        last = isFound ? scan.Key.Item : 0;
        first = isFound ? FirstOf(scan.Value) : 0;
        return isFound;
    }

    private void Put(InodeNumber inode, ulong first, ulong last)
    {
        Span<byte> value = stackalloc byte[ValueSize];
        BinaryPrimitives.WriteUInt64LittleEndian(value, first);
        tree.Put(KeyOf(inode, last), value);
    }
}
