using Vault.Crypto;

namespace Vault.Storage;

/// <summary>The second pass of a check: every page and every entry of a state, in the order of keys.</summary>
internal sealed class TableCheck : ITreeVisitor
{
    private readonly CheckContext _context;
    private readonly InodeCheck _inodes;
    private readonly EntryCheck _entries;
    private readonly ChunkCheck _chunks;
    private readonly XattrCheck _xattrs;
    private readonly ValueCheck _values;
    private TableId _table;
    private BlockAddress _misplaced;

    public TableCheck(CheckContext context)
    {
        _context = context;
        _inodes = new InodeCheck(context);
        _entries = new EntryCheck(context, _inodes);
        _chunks = new ChunkCheck(context);
        _xattrs = new XattrCheck(context);
        _values = new ValueCheck(context);
    }

    public long Files => _inodes.Files;

    public long Directories => _inodes.Directories;

    public bool OnPage(in BlockPointer pointer)
    {
        _context.Log.Advance(0);
        return _context.Reached.TryAdd(pointer);
    }

    public void OnPageRead(in BlockPointer pointer, BlockAddress damagedCopy)
    {
        _context.Log.Advance((long)pointer.SizeOfUnit * (pointer.Second.IsNone ? 1 : 2));
        if (!damagedCopy.IsNone)
            _context.Log.Add(CheckFindingKind.SpareCopy, pointer with { Address = damagedCopy }, "One of two copies of a tree page is damaged; the other one is whole.");
    }

    public void OnUnreadable(in BlockPointer pointer, in TreeKey low, in TreeKey end, int level, string check)
    {
        string page = pointer.Kind == SealKind.Leaf ? "leaf" : "branch";
        _context.Log.Add(CheckFindingKind.TreePage, pointer, $"A {page} of the tree cannot be read: it failed its {check} check.");
        _context.Lost.Add(low, end);
        if (low.Table <= TableId.Chunks && end.Table >= TableId.Chunks)
        {
            EnterTable(TableId.Chunks);
            _chunks.OnLost(low, end);
        }
    }

    public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value)
    {
        EnterTable(key.Table);
        switch (key.Table)
        {
            case TableId.Inodes:
                _inodes.OnEntry(key, value);
                break;
            case TableId.DirectoryEntries:
                _entries.OnEntry(key, value);
                break;
            case TableId.Chunks:
                _chunks.OnEntry(key, value);
                break;
            case TableId.Xattrs:
                _xattrs.OnEntry(key, value);
                break;
            default:
                _values.OnEntry(key, value);
                break;
        }
    }

    public void OnMisplaced(in BlockPointer pointer, in TreeKey low, in TreeKey key, ReadOnlySpan<byte> value)
    {
        if (pointer.Address != _misplaced) // once for each page
            _context.Log.Add(CheckFindingKind.Inconsistency, pointer, "A page of the tree holds keys that do not belong there: no search finds them.");
        _misplaced = pointer.Address;
        if (key.Table == TableId.Chunks && ChunkRecord.TryRead(value, out BlockPointer chunk))
            _context.Reached.TryAdd(chunk);
    }

    /// <summary>Ends the walk.</summary>
    public void Finish()
    {
        EnterTable((TableId)byte.MaxValue);
        _inodes.Finish();
        _values.Finish();
    }

    // What a table's part still holds back comes out when the walk leaves the table.
    private void EnterTable(TableId table)
    {
        if (table == _table)
            return;
        if (_table <= TableId.DirectoryEntries && table > TableId.DirectoryEntries)
            _entries.Finish();
        if (_table <= TableId.Chunks && table > TableId.Chunks)
            _chunks.Finish();
        if (_table <= TableId.Xattrs && table > TableId.Xattrs)
            _xattrs.Finish();
        _table = table;
    }
}
