namespace Vault.Storage;

/// <summary>
/// The first pass of a check: which inodes there are, which names lead to them, and which of them lead up to the root.
/// Says nothing of what it finds wrong: the second pass does, and knows every path by then.
/// </summary>
internal sealed class InodeIndexer : ITreeVisitor
{
    private readonly CancellationToken _cancellation;
    private List<ulong> _missing = [];
    private InodeIndex _index = new();
    private ulong _directory;
    private int _directoryIndex = -1;

    /// <summary>Names of directories that have one already: inode, directory, item.</summary>
    private readonly List<(int Inode, int Directory, ulong Item)> _secondNames = [];

    private InodeIndexer(CancellationToken cancellation) => _cancellation = cancellation;

    /// <param name="walk">Shows the keys of a range in order: those of a durable state, or of a tree in memory.</param>
    /// <param name="cancellation">Ends it.</param>
    public static InodeIndex Build(Action<ITreeVisitor, TreeKey, TreeKey> walk, CancellationToken cancellation)
    {
        InodeIndexer indexer = new(cancellation);
        TreeKey names = new(TableId.DirectoryEntries, 0);
        TreeKey end = new(TableId.DirectoryEntries + 1, 0);
        walk(indexer, default, names);
        if (indexer._index.Find(InodeNumber.Root.Value) < 0)
            indexer._missing.Add(InodeNumber.Root.Value);
        walk(indexer, names, end);
        if (indexer._missing.Count > 0)
        {
            // Names lead to inodes that have no record: they are part of the paths below them all the same.
            indexer._index = indexer._index.WithMissing(indexer._missing);
            indexer._missing = [];
            indexer._directoryIndex = -1;
            indexer._secondNames.Clear();
            walk(indexer, names, end);
        }

        indexer.ChooseNames(walk);
        indexer.FindReached();
        return indexer._index;
    }

    public bool OnPage(in BlockPointer pointer)
    {
        _cancellation.ThrowIfCancellationRequested();
        return true;
    }

    public void OnUnreadable(in BlockPointer pointer, in TreeKey low, in TreeKey end, int level, string check)
    {
    }

    public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value)
    {
        if (key.Object is 0 or > InodeNumber.MaxBelieved)
            return;
        if (key.Table == TableId.Inodes && value.Length == InodeRecord.SizeBytes && key.Item == 0)
            _index.Add(key.Object).SetType(InodeRecord.Read(value).Mode);
        else if (key.Table == TableId.DirectoryEntries && DirectoryTable.IsWellFormed(value))
            AddName(key, DirectoryTable.Decode(key.Item, value));
    }

    private void AddName(in TreeKey key, in DirectoryEntry entry)
    {
        if (key.Object != _directory || _directoryIndex < 0)
        {
            _directory = key.Object;
            _directoryIndex = _index.Find(_directory);
        }

        int target = _index.Find(entry.Inode.Value);
        if (_directoryIndex < 0)
            _missing.Add(_directory);
        if (target < 0 && entry.Inode.Value <= InodeNumber.MaxBelieved)
            _missing.Add(entry.Inode.Value);
        if (_directoryIndex < 0 || target < 0)
            return;
        ref InodeIndex.Entry directory = ref _index[_directoryIndex];
        if (directory.Is(InodeFacts.IsMissing))
            directory.SetType(ModeBits.Directory);
        directory.Facts |= InodeFacts.HasEntries;
        ref InodeIndex.Entry inode = ref _index[target];
        if (inode.Is(InodeFacts.IsMissing) && inode.Type == 0)
            inode.SetType(entry.Type);
        if (inode.NameCount++ > 0)
        {
            if (inode.IsDirectory)
                _secondNames.Add((target, _directoryIndex, entry.Item));
            return;
        }

        inode.NameDirectory = _directoryIndex;
        inode.NameItem = entry.Item;
    }

    // Of several names of a directory the one counts that it says itself.
    private void ChooseNames(Action<ITreeVisitor, TreeKey, TreeKey> walk)
    {
        foreach ((int inode, int directory, ulong item) in _secondNames)
        {
            ref InodeIndex.Entry entry = ref _index[inode];
            ParentReader reader = new();
            walk(reader, new TreeKey(TableId.Inodes, entry.Number), LostRanges.After(TableId.Inodes, entry.Number));
            if (reader.Parent != _index[directory].Number)
                continue;
            entry.NameDirectory = directory;
            entry.NameItem = item;
        }
    }

    private sealed class ParentReader : ITreeVisitor
    {
        public ulong Parent { get; private set; }

        public void OnUnreadable(in BlockPointer pointer, in TreeKey low, in TreeKey end, int level, string check)
        {
        }

        public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value) =>
            Parent = value.Length == InodeRecord.SizeBytes ? InodeRecord.Read(value).Parent : Parent;
    }

    // Upwards from each inode until one is met of which it is known. A root that is named somewhere stays the root.
    private void FindReached()
    {
        ref InodeIndex.Entry root = ref _index[_index.Find(InodeNumber.Root.Value)];
        if (root.Is(InodeFacts.IsMissing))
            root.SetType(ModeBits.Directory);
        root.Facts |= InodeFacts.IsReached;
        List<int> way = [];
        for (int i = 0; i < _index.Count; i++)
        {
            int at = i;
            while (at >= 0 && !_index[at].Is(InodeFacts.ReachMask))
            {
                _index[at].Facts |= InodeFacts.IsOnTheWay;
                way.Add(at);
                at = _index[at].NameDirectory;
            }

            bool isReached = at >= 0 && _index[at].Is(InodeFacts.IsReached);
            foreach (int step in way)
                _index[step].Facts = (_index[step].Facts & ~InodeFacts.ReachMask) | (isReached ? InodeFacts.IsReached : InodeFacts.IsCutOff);
            way.Clear();
        }
    }
}
