namespace Vault.Storage;

/// <summary>Checks the content of files that lies in chunks, file by file: records, blocks, and that every chunk authenticates.</summary>
internal sealed class ChunkCheck
{
    private readonly CheckContext _context;
    private readonly ChunkVerifier _verifier;

    /// <summary>Runs of the file at hand of which no record can be read: whether anything was there is known at its end.</summary>
    private readonly List<(ulong First, ulong End)> _unknownRuns = [];

    private ulong _inode;
    private int _at = -1;
    private bool _hasRecord;
    private InodeRecord _record;
    private long _blocks;
    private (ulong Inode, ulong First, ulong End, long Size) _damage;
    private string _damageDetail = "";

    public ChunkCheck(CheckContext context)
    {
        _context = context;
        _verifier = new ChunkVerifier(context, OnDamaged);
    }

    public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value)
    {
        Begin(key.Object);
        if (_hasRecord && key.Item >= ChunksIn(_record.Size))
            Add(CheckFindingKind.Inconsistency, "There is a chunk behind the end of the file.");
        if (!ChunkRecord.TryRead(value, out BlockPointer pointer) || pointer.SizeOfUnit > _context.ChunkSize)
        {
            AddDamage(key.Object, key.Item, "The record of the chunk is malformed.");
            return;
        }

        _blocks += pointer.BlockCount;
        bool isShared = _context.Shared.CountSeen(pointer.Address) > 1; // if it is another unit at the same place it does not authenticate
        if (!isShared && !_context.Reached.TryAdd(pointer) && _context.Shared.IsWhole)
            Add(CheckFindingKind.Inconsistency, "Blocks of the file belong to something else too, or lie outside of the container.");
        _verifier.Add(new ChunkVerifier.Item(pointer, key.Object, key.Item));
    }

    /// <summary>Chunk records in a range of keys cannot be read: notes it for each file that may have had some there.</summary>
    public void OnLost(in TreeKey low, in TreeKey end)
    {
        TreeKey first = new(TableId.Chunks, 0);
        TreeKey last = new(TableId.Chunks, ulong.MaxValue, ulong.MaxValue);
        TreeKey from = low.CompareTo(first) < 0 ? first : low;
        TreeKey to = end.CompareTo(last) > 0 ? last : end;
        if (from.CompareTo(to) >= 0)
            return;
        for (int at = _context.Index.LowerBound(from.Object); at < _context.Index.Count && _context.Index[at].Number <= to.Object; at++)
        {
            InodeIndex.Entry entry = _context.Index[at];
            ulong start = entry.Number == from.Object ? from.Item : 0;
            ulong stop = entry.Number == to.Object ? to.Item : ulong.MaxValue;
            if (start >= stop || (entry.Number != _inode && !MayHaveChunks(entry)))
                continue;
            Begin(entry.Number);
            if (_unknownRuns.Count > 0 && _unknownRuns[^1].End == start)
                _unknownRuns[^1] = (_unknownRuns[^1].First, stop);
            else
                _unknownRuns.Add((start, stop));
        }
    }

    private static bool MayHaveChunks(in InodeIndex.Entry entry) =>
        entry.Is(InodeFacts.ExpectsChunks) || (entry.Is(InodeFacts.IsMissing) && entry.Type is ModeBits.RegularFile or 0);

    /// <summary>Ends the last file and verifies what is left.</summary>
    public void Finish()
    {
        EndFile();
        _verifier.Flush();
        FlushDamage();
    }

    private void Begin(ulong inode)
    {
        if (inode == _inode)
            return;
        EndFile();
        _inode = inode;
        _at = _context.Index.Find(inode);
        _hasRecord = _context.TryGetRecord(inode, out _record);
        if (_at >= 0)
            _context.Index[_at].Facts &= ~InodeFacts.ExpectsChunks;
        if (_hasRecord && (!_record.IsRegularFile || (_record.Flags & InodeFlags.IsInline) != 0))
            Add(CheckFindingKind.Inconsistency, "There are chunks in an inode that cannot have any.");
        else if (!_hasRecord && (_at < 0 || _context.Index[_at].NameCount == 0))
            Add(CheckFindingKind.Inode, "There is content of an inode that cannot be read, and no name leads to it.");
    }

    private void EndFile()
    {
        if (_inode == 0)
            return;
        bool isOrphan = _hasRecord && _record.LinkCount == 0; // perhaps deleted in part
        bool isShort = !_hasRecord || _record.DataBlocks > _blocks;
        foreach ((ulong first, ulong end) in _unknownRuns)
        {
            if (!isShort || isOrphan)
                continue;
            _context.Log.OnLostRun?.Invoke(new LostRun(_inode, first, end));
            AddRange(_inode, first, end, _hasRecord ? _record.Size : -1, "The tree page that says where the data lies cannot be read.");
        }

        if (_hasRecord && !isOrphan && _record.DataBlocks != _blocks && !(isShort && _unknownRuns.Count > 0))
            Add(CheckFindingKind.Inconsistency, FormattableString.Invariant($"The inode counts {_record.DataBlocks} data blocks; its chunks have {_blocks}."));
        _unknownRuns.Clear();
        _blocks = 0;
        _inode = 0;
    }

    private ulong ChunksIn(long size) => (ulong)((Math.Max(size, 0) + _context.ChunkSize - 1) / _context.ChunkSize);

    private void Add(CheckFindingKind kind, string detail) => _context.AddFor(kind, _inode, detail);

    private void OnDamaged(ChunkVerifier.Item item) => AddDamage(item.Inode, item.ChunkIndex, "The data does not authenticate.");

    // One finding for each contiguous range.
    private void AddDamage(ulong inode, ulong chunk, string detail)
    {
        ulong end = chunk == ulong.MaxValue ? chunk : chunk + 1;
        if (detail == _damageDetail && inode == _damage.Inode && chunk == _damage.End)
        {
            _damage.End = end;
            return;
        }

        FlushDamage();
        long size = _context.TryGetRecord(inode, out InodeRecord record) ? record.Size : -1;
        _damage = (inode, chunk, end, size);
        _damageDetail = detail;
    }

    private void FlushDamage()
    {
        if (_damage.Inode != 0)
            AddRange(_damage.Inode, _damage.First, _damage.End, _damage.Size, _damageDetail);
        _damage = default;
    }

    // In bytes of the file, as far as it goes; chunks that lie behind its end are told as an inconsistency.
    private void AddRange(ulong inode, ulong first, ulong end, long size, string detail)
    {
        ulong limit = size >= 0 ? (ulong)size : (ulong)FileWriter.MaxFileSize;
        ulong chunk = (ulong)_context.ChunkSize;
        ulong start = Math.Min(first, limit / chunk + 1) * chunk;
        ulong stop = Math.Min(Math.Min(end, limit / chunk + 1) * chunk, limit);
        if (start < stop)
            _context.Log.Add(CheckFindingKind.FileData, inode, _context.Paths.Of(_context.Index.Find(inode)), (long)start, (long)(stop - start), detail);
    }
}
