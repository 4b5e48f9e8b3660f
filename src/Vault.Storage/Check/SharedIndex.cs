using System.Runtime.InteropServices;

namespace Vault.Storage;

/// <summary>The table of counts of shared chunks in a state, in memory, with what a check counts: 16 bytes an entry.</summary>
internal sealed class SharedIndex : ITreeVisitor
{
    private readonly List<Entry> _entries = [];

    private SharedIndex()
    {
    }

    /// <summary>Whether the whole table could be read.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Reads the table.</summary>
    public static SharedIndex Of(DurableTree tree)
    {
        SharedIndex index = new();
        tree.Walk(index, new TreeKey(TableId.SharedChunks, 0), new TreeKey(TableId.SharedChunks + 1, 0), bothCopies: false);
        return index;
    }

    /// <summary>Counts a record that leads to a unit.</summary>
    /// <returns>How many were counted; 0 if the table has no entry of the unit.</returns>
    public ulong CountSeen(BlockAddress address) => Find(address.Value) is >= 0 and var at ? ++CollectionsMarshal.AsSpan(_entries)[at].Seen : 0;

    /// <summary>How many records were counted that lead to a unit of the table.</summary>
    public ulong SeenOf(ulong address) => Find(address) is >= 0 and var at ? _entries[at].Seen : 0;

    public void OnUnreadable(in BlockPointer pointer, in TreeKey low, in TreeKey end, int level, string check) => IsWhole = false;

    public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value)
    {
        if (key.Item == 0 && SharedChunks.CountIn(value) > 0)
            _entries.Add(new Entry { Address = key.Object });
    }

    private int Find(ulong address)
    {
        int low = 0;
        int high = _entries.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_entries[middle].Address < address)
                low = middle + 1;
            else
                high = middle;
        }

        return low < _entries.Count && _entries[low].Address == address ? low : -1;
    }

    private struct Entry
    {
        public ulong Address;

        /// <summary>Records that were met.</summary>
        public ulong Seen;
    }
}
