using System.Globalization;

namespace Vault.Storage;

/// <summary>Counts what a repair did, and says it in sentences.</summary>
internal sealed class RepairLog
{
    private readonly List<string> _order = [];
    private readonly Dictionary<string, long> _counts = [];

    /// <summary>Notes an action.</summary>
    /// <param name="what">A sentence in which {0} is the count of things.</param>
    /// <param name="count">How many more.</param>
    public void Add(string what, long count = 1)
    {
        if (count == 0)
            return;
        if (!_counts.TryAdd(what, count))
            _counts[what] += count;
        else
            _order.Add(what);
    }

    public IReadOnlyList<string> Sentences => [.. _order.Select(w => string.Format(CultureInfo.InvariantCulture, w, _counts[w]))];
}
