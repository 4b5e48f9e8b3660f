namespace Vault.Storage;

/// <summary>
/// Finds inodes to which no name led. Deleted ones are none. Where records are lost in every state, what other tables
/// hold tells that there was an inode.
/// </summary>
internal sealed class SalvageInodes : ISalvageVisitor
{
    private readonly HashSet<ulong> _seen;
    private readonly Dictionary<ulong, uint> _found = [];
    private bool _isIncomplete;

    private SalvageInodes(HashSet<ulong> seen) => _seen = seen;

    /// <summary>The inodes with their types, in ascending order.</summary>
    /// <param name="states">Where to look.</param>
    /// <param name="seen">Inodes that have been copied; those that were deleted are added.</param>
    public static List<(ulong Inode, uint Type)> FindUnnamed(SalvageStates states, HashSet<ulong> seen)
    {
        SalvageInodes visitor = new(seen);
        void Walk(TableId table) => states.Walk(new TreeKey(table, 0), new TreeKey(table + 1, 0), visitor);
        Walk(TableId.Orphans);
        Walk(TableId.Inodes);
        if (visitor._isIncomplete)
        {
            Walk(TableId.DirectoryEntries);
            Walk(TableId.Chunks);
            Walk(TableId.InlineData);
            Walk(TableId.SymlinkTargets);
        }

        return [.. visitor._found.OrderBy(f => f.Key).Select(f => (f.Key, f.Value))];
    }

    void ISalvageVisitor.OnEntry(int state, in TreeKey key, ReadOnlySpan<byte> value)
    {
        if (_seen.Contains(key.Object) || _found.ContainsKey(key.Object))
            return;
        switch (key.Table)
        {
            case TableId.Orphans:
                _seen.Add(key.Object);
                break;
            case TableId.Inodes when value.Length == InodeRecord.SizeBytes:
                AddRecord(key.Object, InodeRecord.Read(value));
                break;
            case TableId.DirectoryEntries:
                _found.Add(key.Object, ModeBits.Directory);
                break;
            case TableId.SymlinkTargets:
                _found.Add(key.Object, ModeBits.SymbolicLink);
                break;
            case TableId.Chunks or TableId.InlineData:
                _found.Add(key.Object, ModeBits.RegularFile);
                break;
        }
    }

    void ISalvageVisitor.OnUnreadable(int state, in TreeKey low, in TreeKey end, bool isLost) => _isIncomplete |= isLost;

    private void AddRecord(ulong inode, in InodeRecord record)
    {
        if (record.LinkCount == 0)
            _seen.Add(inode);
        else
            _found.Add(inode, record.Type);
    }
}
