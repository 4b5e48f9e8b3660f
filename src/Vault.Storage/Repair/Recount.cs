namespace Vault.Storage;

/// <summary>Corrects what inode records and the orphan table say of the rest of the tree: links, sizes, blocks, parents, flags.</summary>
internal sealed class Recount : ITreeVisitor
{
    private const uint MaxNanoseconds = 999_999_999;

    private readonly Volume _volume;
    private readonly RepairLog _log;
    private readonly InodeIndex _index;
    private readonly InodeTable _inodes;
    private readonly ChunkTable _chunks;
    private readonly DirectoryTable _names;
    private readonly LostContent _lost;
    private readonly int[] _entries;
    private readonly int[] _subdirectories;
    private readonly long[] _blocks;
    private readonly InodeFacts[] _has;
    private readonly List<(TreeKey Key, uint Type)> _wrongTypes = [];
    private readonly List<TreeKey> _leftovers = [];
    private bool _hasProtected;

    private Recount(Volume volume, RepairLog log, InodeIndex index)
    {
        _volume = volume;
        _log = log;
        _index = index;
        _inodes = new InodeTable(volume.Tree);
        _chunks = new ChunkTable(volume.Tree);
        _names = new DirectoryTable(volume.Tree, volume.Cipher);
        _lost = new LostContent(volume.Tree);
        _entries = new int[index.Count];
        _subdirectories = new int[index.Count];
        _blocks = new long[index.Count];
        _has = new InodeFacts[index.Count];
    }

    /// <param name="volume">Its tree's lock is held exclusively.</param>
    /// <param name="log">Receives what was corrected.</param>
    /// <param name="index">Of the tree as it is, every inode with a record.</param>
    public static void Run(Volume volume, RepairLog log, InodeIndex index)
    {
        Recount recount = new(volume, log, index);
        LiveTree.Walk(volume.Tree, recount, new TreeKey(TableId.DirectoryEntries, 0), TreeKey.Highest);
        recount.MendTypes();
        foreach (TreeKey key in recount._leftovers)
            volume.Tree.Remove(key);
        log.Add("{0} entries that belonged to no inode were removed.", recount._leftovers.Count);
        for (int i = 0; i < index.Count; i++)
            recount.Correct(i);
        recount.NoteProtected();
        volume.SetInodeCount(index.Count);
    }

    public void OnUnreadable(in BlockPointer pointer, in TreeKey low, in TreeKey end, int level, string check)
    {
    }

    public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value)
    {
        if (key.Table is TableId.Lineage or TableId.SharedChunks or > TableId.LostContent)
            return;
        int at = _index.Find(key.Object);
        if (at < 0)
        {
            _leftovers.Add(key);
            return;
        }

        switch (key.Table)
        {
            case TableId.DirectoryEntries:
                CountEntry(at, key, DirectoryTable.Decode(key.Item, value));
                break;
            case TableId.Chunks:
                _blocks[at] += ChunkRecord.Read(value).BlockCount;
                _has[at] |= InodeFacts.ExpectsChunks;
                break;
            case TableId.InlineData:
                _has[at] |= InodeFacts.ExpectsInlineData;
                break;
            case TableId.SymlinkTargets:
                _has[at] |= InodeFacts.ExpectsTarget;
                break;
            case TableId.Xattrs:
                _has[at] |= InodeFacts.HasXattrs;
                break;
            case TableId.Orphans:
                _has[at] |= InodeFacts.ExpectsOrphan;
                break;
            case TableId.LostContent:
                _has[at] |= InodeFacts.ExpectsLostContent;
                break;
        }
    }

    private void CountEntry(int at, in TreeKey key, in DirectoryEntry entry)
    {
        InodeIndex.Entry target = _index[_index.Find(entry.Inode.Value)];
        _entries[at]++;
        _subdirectories[at] += target.IsDirectory ? 1 : 0;
        if (target.Type != entry.Type)
            _wrongTypes.Add((key, target.Type));
    }

    private void MendTypes()
    {
        Span<byte> value = stackalloc byte[LeafPage.MaxValueSize];
        foreach ((TreeKey key, uint type) in _wrongTypes)
        {
            _volume.Tree.TryGet(key, value, out int length);
            DirectoryEntry entry = DirectoryTable.Decode(key.Item, value[..length]);
            _names.Put(new InodeNumber(key.Object), key.Item, _names.Hash(DirectoryTable.NameOf(value[..length])), entry.Inode, type);
        }

        _log.Add("The type in {0} directory entries was corrected.", _wrongTypes.Count);
    }

    private void Correct(int at)
    {
        InodeNumber inode = new(_index[at].Number);
        if (!_inodes.TryGet(inode, out InodeRecord record))
            throw new InvalidOperationException("A repair met an inode without a record.");
        InodeRecord old = record;
        DropImpossible(at, inode, record);
        CorrectSelf(ref record);
        if (record.IsDirectory)
            CorrectDirectory(at, ref record);
        else
            CorrectFile(at, inode, ref record);
        CorrectFlags(at, inode, ref record);
        CorrectAttributeFlags(ref record);
        CorrectOrphan(at, inode, record.LinkCount == 0);
        Span<byte> before = stackalloc byte[InodeRecord.SizeBytes];
        Span<byte> after = stackalloc byte[InodeRecord.SizeBytes];
        old.WriteTo(before);
        record.WriteTo(after);
        if (before.SequenceEqual(after))
            return;
        _inodes.Put(inode, record);
        _log.Add(old.LinkCount != record.LinkCount ? "The link count of {0} inodes was corrected." : "The record of {0} inodes was corrected.");
    }

    // Content of a kind that the inode cannot have could never be read.
    private void DropImpossible(int at, InodeNumber inode, in InodeRecord record)
    {
        bool isInline = (record.Flags & InodeFlags.IsInline) != 0;
        if ((_has[at] & InodeFacts.ExpectsChunks) != 0 && (!record.IsRegularFile || isInline))
        {
            _chunks.Remove(inode, 0, ChunkTable.EndOfAll, int.MaxValue, _volume.Shared, out _);
            _blocks[at] = 0;
            _log.Add("The chunks of {0} inodes that cannot have any were removed.");
        }

        if ((_has[at] & InodeFacts.ExpectsInlineData) != 0 && (!record.IsRegularFile || _blocks[at] > 0))
        {
            _chunks.RemoveInline(inode);
            _has[at] &= ~InodeFacts.ExpectsInlineData;
            _log.Add("The inline content of {0} inodes that cannot have any was removed.");
        }

        if ((_has[at] & InodeFacts.ExpectsTarget) != 0 && record.Type != ModeBits.SymbolicLink)
        {
            _volume.Tree.Remove(new TreeKey(TableId.SymlinkTargets, inode.Value));
            _log.Add("The target of {0} inodes that are no symlinks was removed.");
        }
    }

    private static void CorrectSelf(ref InodeRecord record)
    {
        record.AccessTime = Possible(record.AccessTime);
        record.ModifyTime = Possible(record.ModifyTime);
        record.ChangeTime = Possible(record.ChangeTime);
        record.BirthTime = Possible(record.BirthTime);
    }

    private static Timestamp Possible(Timestamp time) => time.Nanoseconds > MaxNanoseconds ? time with { Nanoseconds = 0 } : time;

    private void CorrectDirectory(int at, ref InodeRecord record)
    {
        InodeIndex.Entry entry = _index[at];
        bool isRoot = entry.Number == InodeNumber.Root.Value;
        record.Size = _entries[at];
        record.DataBlocks = 0;
        record.LinkCount = isRoot || entry.NameCount > 0 ? 2 + (uint)_subdirectories[at] : 0;
        if (isRoot || entry.NameDirectory >= 0)
            record.Parent = isRoot ? entry.Number : _index[entry.NameDirectory].Number;
    }

    private void CorrectFile(int at, InodeNumber inode, ref InodeRecord record)
    {
        record.LinkCount = (uint)_index[at].NameCount;
        record.Parent = 0;
        record.DataBlocks = _blocks[at];
        if (_blocks[at] > 0)
            CoverLastChunk(inode, ref record);
        else if ((_has[at] & (InodeFacts.ExpectsInlineData | InodeFacts.ExpectsTarget)) != 0)
            FitValue(inode, ref record);
        else if (record.Type == ModeBits.SymbolicLink)
            record.Size = Math.Clamp(record.Size, 1, VaultFileSystem.MaxSymlinkLength);
    }

    // A chunk behind the end is content that somebody wrote: the end moves, and the chunk stays.
    private void CoverLastChunk(InodeNumber inode, ref InodeRecord record)
    {
        long last = _chunks.LastIndex(inode, 0);
        if (last * _volume.ChunkSize < record.Size || !_chunks.TryGet(inode, last, out BlockPointer pointer))
            return;
        record.Size = (last * _volume.ChunkSize) + pointer.SizeOfUnit;
    }

    private void FitValue(InodeNumber inode, ref InodeRecord record)
    {
        Span<byte> value = stackalloc byte[LeafPage.MaxValueSize];
        bool isSymlink = record.Type == ModeBits.SymbolicLink;
        _volume.Tree.TryGet(new TreeKey(isSymlink ? TableId.SymlinkTargets : TableId.InlineData, inode.Value), value, out int length);
        record.Size = isSymlink ? length : Math.Max(record.Size, length);
    }

    // A file that says it is inline, and is not, is one whose content is lost: it stays so.
    private void CorrectFlags(int at, InodeNumber inode, ref InodeRecord record)
    {
        InodeFlags lostInline = record.IsRegularFile && record.Size > 0 && _blocks[at] == 0 ? record.Flags & InodeFlags.IsInline : 0;
        record.Flags = inode == InodeNumber.Root ? record.Flags & InodeFlags.HasProtectedInodes : 0;
        record.Flags |= (_has[at] & InodeFacts.HasXattrs) != 0 ? InodeFlags.HasXattrs : 0;
        record.Flags |= (_has[at] & InodeFacts.ExpectsInlineData) != 0 ? InodeFlags.IsInline : lostInline;
        if ((_has[at] & InodeFacts.ExpectsLostContent) == 0)
            return;
        bool canHave = record.IsRegularFile && (record.Flags & InodeFlags.IsInline) == 0;
        record.Flags |= InodeFlags.HasLostContent;
        _lost.Remove(inode, canHave ? (record.Size + _volume.ChunkSize - 1) / _volume.ChunkSize : 0, long.MaxValue, ref record);
        foreach (long stored in StoredThoughLost(inode))
            _lost.Remove(inode, stored, stored, ref record);
    }

    private void CorrectAttributeFlags(ref InodeRecord record)
    {
        record.AttributeFlags &= record.IsRegularFile || record.IsDirectory ? AttributeFlags.Known : AttributeFlags.Inherited;
        _hasProtected |= record.IsProtected;
    }

    // The root comes first, before it is known.
    private void NoteProtected()
    {
        if (!_hasProtected || !_inodes.TryGet(InodeNumber.Root, out InodeRecord root) || (root.Flags & InodeFlags.HasProtectedInodes) != 0)
            return;
        root.Flags |= InodeFlags.HasProtectedInodes;
        _inodes.Put(InodeNumber.Root, root);
        _log.Add("The root was told that there are immutable or append-only inodes.");
    }

    // Chunks that are there are not lost, whatever a note says.
    private List<long> StoredThoughLost(InodeNumber inode)
    {
        List<long> stored = [];
        TreeScan notes = _volume.Tree.Scan(new TreeKey(TableId.LostContent, inode.Value));
        while (notes.MoveNext(LostRanges.After(TableId.LostContent, inode.Value)))
        {
            TreeScan chunks = _volume.Tree.Scan(new TreeKey(TableId.Chunks, inode.Value, LostContent.FirstOf(notes.Value)));
            while (chunks.MoveNext(new TreeKey(TableId.Chunks, inode.Value, notes.Key.Item + 1)))
                stored.Add((long)chunks.Key.Item);
        }

        return stored;
    }

    private void CorrectOrphan(int at, InodeNumber inode, bool isOrphan)
    {
        TreeKey key = new(TableId.Orphans, inode.Value);
        bool isNoted = (_has[at] & InodeFacts.ExpectsOrphan) != 0;
        if (isOrphan && !isNoted)
        {
            _volume.Tree.Put(key, default);
            _log.Add("{0} deleted inodes were put among those to be freed.");
        }
        else if (!isOrphan && isNoted)
        {
            _volume.Tree.Remove(key);
            _log.Add("{0} inodes that have a name were taken from those to be deleted.");
        }
    }
}
