namespace Vault.Storage;

/// <summary>Ranges of keys of which nothing is known, since pages that held them cannot be read. In ascending order.</summary>
internal sealed class LostRanges
{
    private readonly List<(TreeKey Low, TreeKey End)> _ranges = [];

    public bool IsEmpty => _ranges.Count == 0;

    public IReadOnlyList<(TreeKey Low, TreeKey End)> All => _ranges;

    public void Add(in TreeKey low, in TreeKey end) => _ranges.Add((low, end));

    /// <summary>Whether a key of an object in a table may be lost.</summary>
    public bool Touches(TableId table, ulong number) => Overlaps(new TreeKey(table, number), After(table, number));

    /// <summary>Whether any key of a table may be lost.</summary>
    public bool Touches(TableId table) => Overlaps(new TreeKey(table, 0), new TreeKey(table + 1, 0));

    /// <summary>Whether a key from <paramref name="low"/> up to but not including <paramref name="end"/> may be lost.</summary>
    public bool Overlaps(in TreeKey low, in TreeKey end)
    {
        int first = 0;
        int high = _ranges.Count;
        while (first < high)
        {
            int middle = (first + high) >>> 1;
            if (_ranges[middle].End.CompareTo(low) <= 0)
                first = middle + 1;
            else
                high = middle;
        }

        return first < _ranges.Count && _ranges[first].Low.CompareTo(end) < 0;
    }

    /// <summary>The key behind all of an object's.</summary>
    public static TreeKey After(TableId table, ulong number) =>
        number == ulong.MaxValue ? new TreeKey(table + 1, 0) : new TreeKey(table, number + 1);
}
