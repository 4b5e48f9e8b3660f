namespace Vault.Storage;

/// <summary>Checks directory entries, directory by directory, against the inodes that they name.</summary>
internal sealed class EntryCheck(CheckContext context, InodeCheck inodes)
{
    private readonly DirectoryTable _names = new(null!, context.Cipher);
    private readonly List<byte[]> _sameHash = [];
    private ulong _directory;
    private int _at = -1;
    private ulong _hash;
    private long _entries;
    private long _subdirectories;

    public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value)
    {
        if (key.Object != _directory)
            Begin(key.Object);
        _entries++;
        if (!DirectoryTable.IsWellFormed(value))
        {
            Add(CheckFindingKind.DirectoryEntries, default, "An entry of the directory is malformed.");
            return;
        }

        ReadOnlySpan<byte> name = DirectoryTable.NameOf(value);
        DirectoryEntry entry = DirectoryTable.Decode(key.Item, value);
        _subdirectories += entry.Type == ModeBits.Directory ? 1 : 0;
        if (!_names.IsPlaceOf(key.Item, name))
            Add(CheckFindingKind.Inconsistency, name, "The name does not lie where its hash says: no lookup finds it.");
        else if (IsSecond(key.Item, name))
            Add(CheckFindingKind.Inconsistency, name, "The directory has the name twice.");
        CheckTarget(entry, name);
    }

    /// <summary>Ends the directory whose entries came last.</summary>
    public void Finish()
    {
        if (_at >= 0 && context.Index[_at].IsDirectory && context.TryGetRecord(_directory, out InodeRecord record))
            inodes.CheckEntryCount(_at, record, _entries, _subdirectories);
        else if (_at >= 0 && !context.Index[_at].IsDirectory)
            context.Add(CheckFindingKind.Inconsistency, _at, "There are directory entries in an inode that is no directory.");
        _at = -1;
        _directory = 0;
    }

    private void Begin(ulong directory)
    {
        Finish();
        _directory = directory;
        _at = context.Index.Find(directory);
        _entries = _subdirectories = 0;
        _sameHash.Clear();
    }

    // Names with one hash are neighbours.
    private bool IsSecond(ulong item, ReadOnlySpan<byte> name)
    {
        ulong hash = DirectoryTable.HashOf(item);
        if (hash != _hash)
            _sameHash.Clear();
        _hash = hash;
        foreach (byte[] other in _sameHash)
        {
            if (name.SequenceEqual(other))
                return true;
        }

        _sameHash.Add(name.ToArray());
        return false;
    }

    private void CheckTarget(in DirectoryEntry entry, ReadOnlySpan<byte> name)
    {
        ulong number = entry.Inode.Value;
        int target = context.Index.Find(number);
        if (target < 0)
        {
            Add(CheckFindingKind.DirectoryEntries, name, "The name leads to an inode that cannot be.");
            return;
        }

        InodeIndex.Entry inode = context.Index[target];
        if (!inode.Is(InodeFacts.IsMissing))
        {
            if (inode.Type != entry.Type)
                Add(CheckFindingKind.Inconsistency, name, "The entry and its inode differ in type.");
            return;
        }

        bool isLost = context.Lost.Touches(TableId.Inodes, number);
        context.Log.Add(
            isLost ? CheckFindingKind.Inode : CheckFindingKind.DirectoryEntries, number, context.Paths.Of(_at, name), -1, 0,
            isLost ? "The inode cannot be read." : "The name leads to an inode that does not exist.");
    }

    private void Add(CheckFindingKind kind, ReadOnlySpan<byte> name, string detail) =>
        context.Log.Add(kind, _directory, name.IsEmpty || _at < 0 ? context.Paths.Of(_at) : context.Paths.Of(_at, name), -1, 0, detail);
}
