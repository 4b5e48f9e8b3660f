using Vault.Crypto;

namespace Vault.Storage.Tests;

/// <summary>
/// Ways in which the tables of a small vault can contradict each other, each a change of one or two keys behind the file
/// system's back. Any two of them can be done to one vault, in any order.
/// </summary>
internal static class Contradictions
{
    public const int ChunkSize = 4096;

    private const ulong Root = 1;
    private const ulong Dir = 2;
    private const ulong Sub = 3;
    private const ulong Below = 4;
    private const ulong File = 5;
    private const ulong Small = 6;
    private const ulong Link = 7;
    private const ulong LostFound = 8;
    private const ulong Kept = 9;

    /// <summary>No inode has it.</summary>
    private const ulong Nothing = 7777;

    /// <summary>Numbers above all that <see cref="Fill"/> gives out.</summary>
    public const ulong EndOfInodes = 12;

    public static IReadOnlyList<(string Name, Action<Volume> Do)> All { get; } =
    [
        // What a record says of itself.
        .. Each("link count", [Dir, File, LostFound], [0, 1, 5, uint.MaxValue], (ref InodeRecord r, ulong value) => r.LinkCount = (uint)value),
        .. Each("mode", [Dir, File, Small, Link, LostFound], [0, 0x11FF, ModeBits.Directory, ModeBits.RegularFile, ModeBits.SymbolicLink], (ref InodeRecord r, ulong value) => r.Mode = (uint)value),
        .. Each("mode", [Root], [0, ModeBits.RegularFile], (ref InodeRecord r, ulong value) => r.Mode = (uint)value),
        .. Each("parent", [Sub, File, Root], [0, Sub, File, Nothing, ulong.MaxValue], (ref InodeRecord r, ulong value) => r.Parent = value),
        .. Each("size", [Dir, File, Small, Link], [0, 1, (ulong)FileWriter.MaxFileSize, long.MaxValue, ulong.MaxValue], (ref InodeRecord r, ulong value) => r.Size = unchecked((long)value)),
        .. Each("data blocks", [Dir, File, Small], [0, 5, ulong.MaxValue], (ref InodeRecord r, ulong value) => r.DataBlocks = unchecked((long)value)),
        .. Each("flags", [Dir, File, Small, Link], [0, 1, 2, 4, uint.MaxValue], (ref InodeRecord r, ulong value) => r.Flags = (InodeFlags)value),

        // Records that are not where they should be.
        .. Each("no record of", [Root, Dir, Sub, File, Small, Link, LostFound], v => i => v.Tree.Remove(Record(i))),
        .. Each("a malformed record of", [Root, Dir, File, Nothing], v => i => v.Tree.Put(Record(i), new byte[100])),
        .. Each("a record under a second key of", [Dir, File], v => i => v.Tree.Put(Record(i) with { Item = 1 }, RecordOf(v, File))),
        .. Each("a record of file under", [0, Nothing, InodeNumber.MaxBelieved - 1, InodeNumber.MaxBelieved, InodeNumber.MaxBelieved + 1, ulong.MaxValue], v => i => v.Tree.Put(Record(i), RecordOf(v, File))),

        // Names.
        .. Each("no name of", [Dir, Sub, Below, File, LostFound], v => i => RemoveNames(v, i)),
        .. Each("a name in dir of", [0, Root, Dir, Sub, File, LostFound, Nothing, InodeNumber.MaxBelieved, InodeNumber.MaxBelieved + 1, ulong.MaxValue], v => i => Name(v, Dir, "new", i, ModeBits.RegularFile)),
        .. Each("a name as a directory in the root of", [Root, Dir, Sub, File, Link, LostFound, Nothing, InodeNumber.MaxBelieved], v => i => Name(v, Root, "new", i, ModeBits.Directory)),
        .. Each("a name of itself in", [Dir, File, LostFound, Nothing], v => i => Name(v, i, "itself", i, ModeBits.Directory)),
        .. Each("a name of file in", [0, File, Small, Link, Nothing, InodeNumber.MaxBelieved, ulong.MaxValue], v => i => Name(v, i, "elsewhere", File, ModeBits.RegularFile)),
        .. Each("a name of dir in", [Sub, LostFound, Kept, Nothing], v => i => Name(v, i, "elsewhere", Dir, ModeBits.Directory)),
        .. Each("lost+found leads as a directory to", [Root, Dir, Sub, File, Link, Kept, Nothing, InodeNumber.MaxBelieved], v => i => Name(v, Root, "lost+found", i, ModeBits.Directory)),
        .. Each("lost+found leads as a file to", [Dir, File, LostFound, Nothing], v => i => Name(v, Root, "lost+found", i, ModeBits.RegularFile)),
        .. Each("lost+found has the number as a name, but of file:", [Dir, Sub, Below, File, Small], v => i => Name(v, LostFound, $"#{i}", File, ModeBits.RegularFile)),
        ("a name of no type", v => Name(v, Dir, "file", File, 0xB000)),
        ("a name under another hash", v => PutName(v, Dir, 77 << 7, "file", File, ModeBits.RegularFile)),
        ("a name under a hash of 57 bits", v => PutName(v, Dir, ulong.MaxValue, "file", File, ModeBits.RegularFile)),
        ("a name twice", v => PutName(v, Dir, ItemOf(v, "file") + 1, "file", File, ModeBits.RegularFile)),
        ("a name twice, of another file", v => PutName(v, Dir, ItemOf(v, "file") + 1, "file", Small, ModeBits.RegularFile)),
        ("a name at the last place of its hash", v => PutName(v, Dir, ItemOf(v, "file") + 127, "file", File, ModeBits.RegularFile)),
        ("a malformed name", v => v.Tree.Put(new TreeKey(TableId.DirectoryEntries, Dir, ItemOf(v, "file")), new byte[9])),
        ("a hash without room", v =>
        {
            for (ulong i = 0; i < 128; i++)
                PutName(v, LostFound, ItemOf(v, $"#{File}") + i, i == 0 ? $"#{File}" : $"{i}", Small, ModeBits.RegularFile);
        }),

        // Inodes that are to be deleted.
        .. Each("an orphan", [0, Root, Dir, Sub, File, Link, LostFound, Nothing, InodeNumber.MaxBelieved, ulong.MaxValue], v => i => v.Tree.Put(new TreeKey(TableId.Orphans, i), default)),
        ("an orphan with an item", v => v.Tree.Put(new TreeKey(TableId.Orphans, File, 1), default)),
        ("an orphan with a value", v => v.Tree.Put(new TreeKey(TableId.Orphans, File), "x"u8)),

        // Tables that do not exist.
        .. Each("an entry of table", [0, 8, 12, 255], v => i => v.Tree.Put(new TreeKey((TableId)i, File), "x"u8)),
        ("an entry under the lowest key", v => v.Tree.Put(default, "x"u8)),
        ("an entry under the highest key", v => v.Tree.Put(TreeKey.Highest, "x"u8)),

        // Totals.
        .. Each("the next inode is", [2, File, EndOfInodes, InodeNumber.MaxBelieved, InodeNumber.MaxBelieved + 1, InodeNumber.MaxValue - 1], v => i => PrivateState.SetField(v, "_nextInode", i)),
        .. Each("inodes are counted as", [0, 100], v => i => v.SetInodeCount((long)i)),

        // Content.
        .. Each("chunk 0 of file belongs to", [0, Root, Dir, Small, Link, Kept, Nothing, ulong.MaxValue], v => i => MoveChunk(v, new TreeKey(TableId.Chunks, i))),
        .. Each("chunk 0 of file is number", [5, ((ulong)FileWriter.MaxFileSize / ChunkSize) - 1, (ulong)FileWriter.MaxFileSize / ChunkSize, long.MaxValue, ulong.MaxValue], v => i => MoveChunk(v, new TreeKey(TableId.Chunks, File, i))),
        .. Each("a malformed chunk of file,", [0, 2, ulong.MaxValue], v => i => v.Tree.Put(new TreeKey(TableId.Chunks, File, i), "x"u8)),
        .. Each("a malformed chunk of nothing,", [0, 2, ulong.MaxValue], v => i => v.Tree.Put(new TreeKey(TableId.Chunks, Nothing, i), "x"u8)),
        .. Each("inline content of", [0, Root, Dir, File, Link, Kept, Nothing], v => i => v.Tree.Put(new TreeKey(TableId.InlineData, i), "inline"u8)),
        .. Each("no inline content of", [Small], v => i => v.Tree.Remove(new TreeKey(TableId.InlineData, i))),
        .. Each("a target of", [0, Root, Dir, File, Small, Nothing], v => i => v.Tree.Put(new TreeKey(TableId.SymlinkTargets, i), "target"u8)),
        .. Each("no target of", [Link], v => i => v.Tree.Remove(new TreeKey(TableId.SymlinkTargets, i))),
        .. Each("a piece of an attribute of", [0, Root, File, Link, Nothing], v => i => v.Tree.Put(new TreeKey(TableId.Xattrs, i, 5), "x"u8)),
        .. Each("a note of lost content of", [0, Root, Dir, File, Small, Nothing], v => i => v.Tree.Put(new TreeKey(TableId.LostContent, i, 1), new byte[8])),
        .. Each("a note of lost content up to", [1, long.MaxValue - 1, long.MaxValue, ulong.MaxValue], v => i => v.Tree.Put(new TreeKey(TableId.LostContent, File, i), new byte[8])),
    ];

    /// <summary>The vault of which they speak.</summary>
    public static void Fill(VaultFileSystem fileSystem)
    {
        InodeNumber dir = fileSystem.CreateDirectory("dir");
        InodeNumber sub = fileSystem.CreateDirectory("sub", dir);
        Write(fileSystem.CreateFile("below", sub), 100);
        InodeNumber file = fileSystem.CreateFile("file", dir);
        Write(file, (2 * ChunkSize) + 100);
        Write(fileSystem.CreateFile("small", dir), 1000);
        Assert.Equal(Errno.None, fileSystem.CreateSymlink(dir, "link"u8, "target"u8, 0, 0, out InodeAttributes link));
        InodeNumber lostFound = fileSystem.CreateDirectory("lost+found");
        Write(fileSystem.CreateFile("kept", lostFound), ChunkSize + 1);
        Assert.Equal(Errno.None, fileSystem.Link(file, InodeNumber.Root, "again"u8, out _));
        Assert.Equal((Dir, Sub, File, Link, LostFound), (dir.Value, sub.Value, file.Value, link.Inode.Value, lostFound.Value));

        void Write(InodeNumber inode, int length) => fileSystem.WriteAll(inode, 0, FileSystemExtensions.RandomBytes(length, seed: (int)inode.Value));
    }

    private delegate void RecordEdit(ref InodeRecord record, ulong value);

    private static IEnumerable<(string Name, Action<Volume> Do)> Each(string what, ulong[] values, Func<Volume, Action<ulong>> edit) =>
        values.Select(value => ($"{what} {value}", (Action<Volume>)(volume => edit(volume)(value))));

    private static IEnumerable<(string Name, Action<Volume> Do)> Each(string what, ulong[] inodes, ulong[] values, RecordEdit edit) =>
        inodes.SelectMany(inode => values.Select(value => ($"{what} of {inode} is {value}", (Action<Volume>)(volume =>
        {
            // The other edit may have taken the record away.
            if (RecordOf(volume, inode) is not { Length: InodeRecord.SizeBytes } stored)
                return;
            InodeRecord record = InodeRecord.Read(stored);
            edit(ref record, value);
            record.WriteTo(stored);
            System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(stored.AsSpan(32), record.DataBlocks); // written as it is, even if negative
            volume.Tree.Put(Record(inode), stored);
        }))));

    private static TreeKey Record(ulong inode) => new(TableId.Inodes, inode);

    private static byte[] RecordOf(Volume volume, ulong inode)
    {
        byte[] value = new byte[LeafPage.MaxValueSize];
        volume.Tree.TryGet(Record(inode), value, out int length);
        return value[..length];
    }

    private static DirectoryTable Names(Volume volume) => new(volume.Tree, volume.Cipher);

    private static ulong ItemOf(Volume volume, string name) => Names(volume).Hash(name.Utf8()).FirstItem;

    private static void Name(Volume volume, ulong directory, string name, ulong inode, uint type) => PutName(volume, directory, ItemOf(volume, name), name, inode, type);

    private static void PutName(Volume volume, ulong directory, ulong item, string name, ulong inode, uint type) =>
        Names(volume).Put(new InodeNumber(directory), item, Names(volume).Hash(name.Utf8()), new InodeNumber(inode), type);

    private static void RemoveNames(Volume volume, ulong inode)
    {
        List<(TreeKey Key, byte[])> names = LiveTree.Where(volume.Tree, TableId.DirectoryEntries, TableId.DirectoryEntries, (in TreeKey key, ReadOnlySpan<byte> value) =>
            DirectoryTable.IsWellFormed(value) && DirectoryTable.Decode(key.Item, value).Inode.Value == inode);
        foreach ((TreeKey key, _) in names)
            volume.Tree.Remove(key);
    }

    private static void MoveChunk(Volume volume, TreeKey to)
    {
        TreeKey from = new(TableId.Chunks, File);
        byte[] value = new byte[LeafPage.MaxValueSize];
        if (!volume.Tree.TryGet(from, value, out int length))
            return;
        volume.Tree.Remove(from);
        volume.Tree.Put(to, value.AsSpan(0, length));
    }
}
