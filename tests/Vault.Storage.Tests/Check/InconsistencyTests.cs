namespace Vault.Storage.Tests;

// Tables that contradict each other: bugs of ours, made by editing tables. Method of all: a clean vault, one edit; the check says
// exactly that, and after a repair the vault is clean and can be worked on.
public sealed class InconsistencyTests
{
    // Owner rwx, user 5 rw, group r, mask rwx, others nothing: mode 0770.
    private static ReadOnlySpan<byte> List =>
    [
        2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 2, 0, 6, 0, 5, 0, 0, 0, 4, 0, 4, 0, 255, 255, 255, 255,
        16, 0, 7, 0, 255, 255, 255, 255, 32, 0, 0, 0, 255, 255, 255, 255,
    ];

    private const int Chunk = CheckedVault.ChunkSize;

    private InodeNumber _dir;
    private InodeNumber _sub;
    private InodeNumber _file;
    private InodeNumber _small;
    private InodeNumber _empty;
    private InodeNumber _link;
    private InodeNumber _fifo;

    public static TheoryData<string, string[]> Cases => new()
    {
        { "link count", ["Inconsistency dir/file"] },
        { "link count of a directory", ["Inconsistency dir"] },
        { "size of a directory", ["Inconsistency dir"] },
        { "parent", ["Inconsistency dir/sub"] },
        { "data blocks", ["Inconsistency dir/file"] },
        { "no blocks counted", ["Inconsistency dir/file"] },
        { "blocks without chunks", ["Inconsistency dir/empty"] },
        { "chunk behind the end", ["Inconsistency dir/file"] },
        { "unknown flags", ["Inconsistency dir/fifo"] },
        { "unknown attribute flags", ["Inconsistency dir/file"] },
        { "immutable fifo", ["Inconsistency .", "Inconsistency dir/fifo"] },
        { "immutable and not noted", ["Inconsistency ."] },
        { "root's flag", ["Inconsistency dir/file"] },
        { "impossible size", ["Inconsistency dir/empty"] },
        { "impossible time", ["Inconsistency dir/empty"] },
        { "no type", ["Inconsistency dir/empty", "Inconsistency dir/empty"] },
        { "entry type", ["Inconsistency dir/file"] },
        { "entry under another hash", ["Inconsistency dir/file"] },
        { "name twice", ["Inconsistency dir", "Inconsistency dir/file", "Inconsistency dir/file"] },
        { "entry malformed", ["Inode -", "DirectoryEntries dir"] },
        { "two names of a directory", ["Inconsistency .", "Inconsistency .", "Inconsistency dir/sub"] },
        { "name of nothing", ["Inconsistency dir", "DirectoryEntries dir/nothing"] },
        { "loop", ["Inconsistency -", "Inconsistency -", "Inconsistency -", "Inconsistency -", "Inconsistency dir", "Inconsistency dir"] },
        { "inode without a name", ["Inode -", "Inconsistency dir", "Inconsistency dir"] },
        { "deleted and not noted", ["Inconsistency dir", "Inconsistency -"] },
        { "orphan with a name", ["Inconsistency dir/file"] },
        { "orphan of nothing", ["Inode -"] },
        { "inline data too long", ["Inconsistency dir/small"] },
        { "inline data of a chunked file", ["Inconsistency dir/file"] },
        { "target length", ["Inconsistency dir/link"] },
        { "attributes not noted", ["Inconsistency dir/small"] },
        { "no attributes", ["Inconsistency dir/file"] },
        { "attribute piece without a first", ["Inode dir/small"] },
        { "access list malformed", ["Inode dir/file"] },
        { "access list against the mode", ["Inconsistency dir/file"] },
        { "default list of a file", ["Inode dir/file"] },
        { "shared chunk", ["Inconsistency -"] },
        { "snapshot", ["Inconsistency -"] },
        { "lineage malformed", ["Inconsistency -"] },
        { "unknown table", ["Inconsistency -"] },
        { "lost content not noted", ["Inconsistency dir/file"] },
        { "lost content noted and not there", ["Inconsistency dir/file"] },
        { "next inode", ["Inconsistency -"] },
        { "inode count", ["Inconsistency -"] },
        { "leaked block", ["SpaceMap -"] },
        { "data in free space", ["SpaceMap -"] },
        { "one block for two chunks", ["Inconsistency dir/file", "SpaceMap -"] },
        { "free blocks", ["SpaceMap -"] },
        { "no root", ["Inode .", "Inconsistency -"] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_contradiction_is_told_and_repaired(string edit, string[] expected)
    {
        CheckedVault vault = new(Fill);
        vault.AssertClean();
        Edit(vault, edit);
        string[] findings = vault.Findings();
        Assert.True(expected.Order().SequenceEqual(findings.Order()), string.Join("; ", findings.Order()));
        Assert.Empty(vault.RepairAndWork());
        VaultAudit.Check(vault.Medium.Snapshot(), vault.Master);
    }

    private void Fill(VaultFileSystem fileSystem)
    {
        _dir = fileSystem.CreateDirectory("dir");
        _sub = fileSystem.CreateDirectory("sub", _dir);
        fileSystem.CreateFile("below", _sub);
        _file = fileSystem.CreateFile("file", _dir);
        fileSystem.WriteAll(_file, 0, FileSystemExtensions.RandomBytes((3 * Chunk) + 100));
        _small = fileSystem.CreateFile("small", _dir);
        fileSystem.WriteAll(_small, 0, FileSystemExtensions.RandomBytes(1000));
        Assert.Equal(Errno.None, fileSystem.SetXattr(_small, "user.a"u8, FileSystemExtensions.RandomBytes(9000), XattrMode.Any));
        _empty = fileSystem.CreateFile("empty", _dir);
        Assert.Equal(Errno.None, fileSystem.CreateSymlink(_dir, "link"u8, "target"u8, 0, 0, out InodeAttributes link));
        _link = link.Inode;
        Assert.Equal(Errno.None, fileSystem.CreateNode(_dir, "fifo"u8, ModeBits.Fifo, 0, 0, 0, out InodeAttributes fifo));
        _fifo = fifo.Inode;
    }

    private void Edit(CheckedVault vault, string what)
    {
        Action edit = what switch
        {
            "link count" => () => vault.EditInode(_file, (ref InodeRecord r) => r.LinkCount = 2),
            "link count of a directory" => () => vault.EditInode(_dir, (ref InodeRecord r) => r.LinkCount = 2),
            "size of a directory" => () => vault.EditInode(_dir, (ref InodeRecord r) => r.Size--),
            "parent" => () => vault.EditInode(_sub, (ref InodeRecord r) => r.Parent = 1),
            "data blocks" => () => vault.EditInode(_file, (ref InodeRecord r) => r.DataBlocks++),
            "no blocks counted" => () => vault.EditInode(_file, (ref InodeRecord r) => r.DataBlocks = 0),
            "blocks without chunks" => () => vault.EditInode(_empty, (ref InodeRecord r) => r.DataBlocks = 8),
            "chunk behind the end" => () => vault.EditInode(_file, (ref InodeRecord r) => r.Size = Chunk * 3),
            "unknown flags" => () => vault.EditInode(_fifo, (ref InodeRecord r) => r.Flags = (InodeFlags)0x100),
            "unknown attribute flags" => () => vault.EditInode(_file, (ref InodeRecord r) => r.AttributeFlags = (AttributeFlags)0x1000),
            "immutable fifo" => () => vault.EditInode(_fifo, (ref InodeRecord r) => r.AttributeFlags = AttributeFlags.Immutable),
            "immutable and not noted" => () => vault.EditInode(_file, (ref InodeRecord r) => r.AttributeFlags = AttributeFlags.Immutable),
            "root's flag" => () => vault.EditInode(_file, (ref InodeRecord r) => r.Flags |= InodeFlags.HasProtectedInodes),
            "impossible size" => () => vault.EditInode(_empty, (ref InodeRecord r) => r.Size = -5),
            "impossible time" => () => vault.EditInode(_empty, (ref InodeRecord r) => r.ModifyTime = new Timestamp(0, 1_000_000_000)),
            "no type" => () => vault.EditInode(_empty, (ref InodeRecord r) => r.Mode = 0x1A4),
            "entry type" => () => vault.EditVolume(v => Names(v).Put(_dir, ItemOf(v, "file"), Names(v).Hash("file"u8), _file, ModeBits.Fifo)),
            "entry under another hash" => () => vault.EditVolume(v =>
            {
                Names(v).Remove(_dir, ItemOf(v, "file"));
                Names(v).Put(_dir, 77 << 7, Names(v).Hash("file"u8), _file, ModeBits.RegularFile);
            }),
            "name twice" => () => vault.EditVolume(v => Names(v).Put(_dir, ItemOf(v, "file") + 1, Names(v).Hash("file"u8), _file, ModeBits.RegularFile)),
            "entry malformed" => () => vault.EditVolume(v => v.Tree.Put(new TreeKey(TableId.DirectoryEntries, _dir.Value, ItemOf(v, "file")), new byte[9])),
            "two names of a directory" => () => vault.EditVolume(v => Link(v, InodeNumber.Root, "again", _sub, ModeBits.Directory)),
            "name of nothing" => () => vault.EditVolume(v => Link(v, _dir, "nothing", new InodeNumber(7777), ModeBits.RegularFile)),
            "loop" => () => vault.EditVolume(v =>
            {
                Names(v).Remove(_dir, ItemOf(v, "sub"));
                Link(v, _sub, "itself", _sub, ModeBits.Directory);
            }),
            "inode without a name" => () => vault.EditVolume(v => Names(v).Remove(_dir, ItemOf(v, "sub"))),
            "deleted and not noted" => () => vault.EditVolume(v =>
            {
                Names(v).Remove(_dir, ItemOf(v, "fifo"));
                Change(v, _fifo, (ref InodeRecord r) => r.LinkCount = 0);
            }),
            "orphan with a name" => () => vault.Edit(t => t.Put(new TreeKey(TableId.Orphans, _file.Value), default)),
            "orphan of nothing" => () => vault.Edit(t => t.Put(new TreeKey(TableId.Orphans, 7777), default)),
            "inline data too long" => () => vault.EditInode(_small, (ref InodeRecord r) => r.Size = 999),
            "inline data of a chunked file" => () => vault.Edit(t => t.Put(new TreeKey(TableId.InlineData, _file.Value), "x"u8)),
            "target length" => () => vault.EditInode(_link, (ref InodeRecord r) => r.Size = 5),
            "attributes not noted" => () => vault.EditInode(_small, (ref InodeRecord r) => r.Flags &= ~InodeFlags.HasXattrs),
            "no attributes" => () => vault.EditInode(_file, (ref InodeRecord r) => r.Flags |= InodeFlags.HasXattrs),
            "attribute piece without a first" => () => vault.Edit(t => t.Put(new TreeKey(TableId.Xattrs, _small.Value, 5), "x"u8)),
            "access list malformed" => () => vault.EditVolume(v => PutList(v, AccessControlList.AccessName, [2, 0, 0, 0, 1, 0])),
            "access list against the mode" => () => vault.EditVolume(v => PutList(v, AccessControlList.AccessName, List)),
            "default list of a file" => () => vault.EditVolume(v => PutList(v, AccessControlList.DefaultName, List)),
            "shared chunk" => () => vault.Edit(t => t.Put(new TreeKey(TableId.SharedChunks, 100), "x"u8)),
            "snapshot" => () => vault.Edit(t => t.Put(new TreeKey(TableId.Snapshots, 1), "x"u8)),
            "lineage malformed" => () => vault.Edit(t => t.Put(new TreeKey(TableId.Lineage, 1_000_000), "x"u8)),
            "unknown table" => () => vault.Edit(t => t.Put(new TreeKey((TableId)99, 1), "x"u8)),
            "lost content not noted" => () => vault.Edit(t => t.Put(new TreeKey(TableId.LostContent, _file.Value, 1), new byte[8])),
            "lost content noted and not there" => () => vault.EditInode(_file, (ref InodeRecord r) => r.Flags |= InodeFlags.HasLostContent),
            "next inode" => () => vault.EditVolume(v => PrivateState.SetField(v, "_nextInode", 3UL)),
            "inode count" => () => vault.EditVolume(v => v.SetInodeCount(3)),
            "leaked block" => () => vault.EditVolume(v => Assert.True(v.Space.TryAllocateRun(1, 1, false, out _, out _))),
            "data in free space" => () => vault.EditVolume(v => v.Space.Free(PointerOf(v, 1))),
            "one block for two chunks" => () => vault.EditVolume(v =>
            {
                BlockPointer old = new ChunkTable(v.Tree).Exchange(_file, 2, PointerOf(v, 1));
                Assert.Equal(PointerOf(v, 1).BlockCount, old.BlockCount);
            }),
            "free blocks" => () => vault.EditVolume(v => PrivateState.SetField(v.Space, "_freeBlocks", v.Space.FreeBlocks + 1)),
            "no root" => () => vault.Edit(t => t.Remove(new TreeKey(TableId.Inodes, 1))),
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };
        edit();
    }

    private static DirectoryTable Names(Volume volume) => new(volume.Tree, volume.Cipher);

    private static void Change(Volume volume, InodeNumber inode, FileCutter.RecordChange change)
    {
        InodeTable inodes = new(volume.Tree);
        Assert.True(inodes.TryGet(inode, out InodeRecord record));
        change(ref record);
        inodes.Put(inode, record);
    }

    private void PutList(Volume volume, ReadOnlySpan<byte> name, ReadOnlySpan<byte> list)
    {
        XattrTable xattrs = new(volume.Tree, volume.Cipher);
        Assert.False(xattrs.TryFind(_file, name, out _, out _, out ulong item));
        xattrs.Put(_file, item, name, list);
        Change(volume, _file, (ref InodeRecord r) => r.Flags |= InodeFlags.HasXattrs);
    }

    private ulong ItemOf(Volume volume, string name)
    {
        Assert.True(Names(volume).TryFind(_dir, Names(volume).Hash(name.Utf8()), out DirectoryEntry entry));
        return entry.Item;
    }

    private static void Link(Volume volume, InodeNumber directory, string name, InodeNumber inode, uint type)
    {
        HashedName hashed = Names(volume).Hash(name.Utf8());
        Assert.False(Names(volume).TryFind(directory, hashed, out _, out ulong item));
        Names(volume).Put(directory, item, hashed, inode, type);
    }

    private BlockPointer PointerOf(Volume volume, long chunk)
    {
        Assert.True(new ChunkTable(volume.Tree).TryGet(_file, chunk, out BlockPointer pointer));
        return pointer;
    }
}
