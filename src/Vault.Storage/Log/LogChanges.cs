namespace Vault.Storage;

/// <summary>
/// What the next append must say: keys of the tree that changed since the last one, and blocks of chunks that were freed. Apart
/// for what a commit under way holds, which need not be said any more once that is durable. Bounded: where much changes,
/// a commit is the better way. Changed under the tree's exclusive lock; the rest by <see cref="IntentLog"/>.
/// </summary>
internal sealed class LogChanges
{
    /// <summary>Changes beyond which a sync commits.</summary>
    public const int MaxCount = 1024;

    private Part _live = new();
    private Part _frozen = new();

    /// <summary>Whether there is more than an append is for.</summary>
    public bool IsOverfull => _live.IsOverfull || _frozen.IsOverfull;

    /// <summary>Whether only a commit under way is too much: once that is durable an append will do.</summary>
    public bool IsOnlyFrozenOverfull => _frozen.IsOverfull && !_live.IsOverfull;

    public bool IsEmpty => _live.IsEmpty && _frozen.IsEmpty;

    /// <summary>Keys, each once.</summary>
    public IEnumerable<TreeKey> Keys => _frozen.IsEmpty ? _live.Keys : _frozen.Keys.Union(_live.Keys);

    public IEnumerable<LogSegment> Freed => _frozen.Freed.Concat(_live.Freed);

    /// <summary>A key is about to get another value, or to go.</summary>
    public void Note(in TreeKey key) => _live.Note(key);

    /// <summary>Blocks that a chunk record named, in a state or in the log, are free.</summary>
    public void NoteFreed(in BlockPointer pointer) => _live.NoteFreed(new LogSegment(pointer.Address, pointer.BlockCount));

    /// <summary>A commit begins: what was noted so far is its.</summary>
    public void Freeze()
    {
        if (_frozen.IsEmpty && !_frozen.IsOverfull)
            (_live, _frozen) = (_frozen, _live);
        else
            _frozen.Take(_live);
    }

    /// <summary>The commit is durable.</summary>
    public void DropFrozen() => _frozen.Clear();

    /// <summary>Everything was said.</summary>
    public void Clear()
    {
        _live.Clear();
        _frozen.Clear();
    }

    private sealed class Part
    {
        public bool IsOverfull { get; private set; }

        public bool IsEmpty => Keys.Count == 0 && Freed.Count == 0;

        public HashSet<TreeKey> Keys { get; } = [];

        public List<LogSegment> Freed { get; } = [];

        public void Note(in TreeKey key)
        {
            if (!IsOverfull && Keys.Add(key) && Keys.Count > MaxCount)
                Overfill();
        }

        public void NoteFreed(in LogSegment run)
        {
            if (IsOverfull)
                return;
            Freed.Add(run);
            if (Freed.Count > MaxCount)
                Overfill();
        }

        private void Overfill()
        {
            Clear();
            IsOverfull = true;
        }

        public void Take(Part other)
        {
            foreach (TreeKey key in other.Keys)
                Note(key);
            foreach (LogSegment run in other.Freed)
                NoteFreed(run);
            if (other.IsOverfull)
                Overfill();
            other.Clear();
        }

        public void Clear()
        {
            Keys.Clear();
            Freed.Clear();
            IsOverfull = false;
        }
    }
}
