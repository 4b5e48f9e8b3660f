namespace Vault.Storage;

/// <summary>
/// Counts by number, small where numbers are dense and counts are low: a byte each, in groups of 64 neighbours that exist
/// only while one of them is not zero. Not synchronized.
/// </summary>
internal sealed class ReferenceCounts
{
    private const int GroupSize = 64;

    /// <summary>In a byte: the count is at least so much, and what is more is in <see cref="_excess"/>.</summary>
    private const byte Full = byte.MaxValue;

    private const int MaxSpareGroups = 1024;

    private readonly Dictionary<ulong, Group> _groups = [];
    private readonly Dictionary<ulong, ulong> _excess = [];
    private readonly Stack<Group> _spare = new();

    /// <summary>The group of neighbours in which a number lies.</summary>
    public static ulong GroupOf(ulong number) => number / GroupSize;

    public bool Contains(ulong number) => _groups.TryGetValue(GroupOf(number), out Group? group) && group.Counts[number % GroupSize] > 0;

    public void Add(ulong number)
    {
        if (!_groups.TryGetValue(GroupOf(number), out Group? group))
            _groups.Add(GroupOf(number), group = _spare.TryPop(out Group? spare) ? spare : new Group());
        ref byte count = ref group.Counts[number % GroupSize];
        if (count == Full)
        {
            _excess[number] = _excess.GetValueOrDefault(number) + 1;
            return;
        }

        if (count++ == 0)
            group.Used++;
    }

    /// <summary>Takes some of a count away; what was not counted cannot be taken.</summary>
    /// <returns>Whether it became zero.</returns>
    public bool Remove(ulong number, ulong taken)
    {
        if (!_groups.TryGetValue(GroupOf(number), out Group? group))
            return false;
        ref byte count = ref group.Counts[number % GroupSize];
        if (count == 0)
            return false;
        _excess.Remove(number, out ulong excess);
        ulong total = count + excess;
        if (taken < total)
        {
            ulong left = total - taken;
            count = (byte)Math.Min(left, Full);
            if (left > Full)
                _excess.Add(number, left - Full);
            return false;
        }

        count = 0;
        if (--group.Used == 0)
        {
            _groups.Remove(GroupOf(number));
            if (_spare.Count < MaxSpareGroups)
                _spare.Push(group);
        }

        return true;
    }

    private sealed class Group
    {
        public readonly byte[] Counts = new byte[GroupSize];
        public int Used;
    }
}
