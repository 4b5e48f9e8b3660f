namespace Vault.Storage;

/// <summary>A scan over ascending keys. Valid while the tree's lock is held and nothing changes.</summary>
internal ref struct TreeScan
{
    private readonly CopyOnWriteTree _tree;
    private TreePage _leaf;
    private TreeKey? _nextLeafKey;
    private int _index;

    internal TreeScan(CopyOnWriteTree tree, scoped in TreeKey from)
    {
        _tree = tree;
        _leaf = tree.FindLeaf(from, out _nextLeafKey);
        _index = _leaf.Leaf.Search(from, out _) - 1;
    }

    public readonly TreeKey Key => _leaf.Leaf.KeyAt(_index);

    public readonly ReadOnlySpan<byte> Value => _leaf.Leaf.ValueAt(_index);

    /// <summary>Moves to the next key below <paramref name="end"/>; reads no page on which only later keys can lie, since it may be damaged.</summary>
    public bool MoveNext(in TreeKey end)
    {
        _index++;
        while (_index >= _leaf.Leaf.Count)
        {
            if (_nextLeafKey is not { } next || next.CompareTo(end) >= 0)
                return false;
            _leaf = _tree.FindLeaf(next, out _nextLeafKey);
            _index = 0;
        }

        return Key.CompareTo(end) < 0;
    }

    public bool MoveNext()
    {
        _index++;
        while (_index >= _leaf.Leaf.Count)
        {
            if (_nextLeafKey is not { } next)
                return false;
            _leaf = _tree.FindLeaf(next, out _nextLeafKey);
            _index = 0;
        }

        return true;
    }
}
