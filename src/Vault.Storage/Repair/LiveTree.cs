namespace Vault.Storage;

/// <summary>Shows the keys of a tree in memory to what also looks at durable ones. The caller holds the tree's lock exclusively.</summary>
internal static class LiveTree
{
    public delegate bool Test(in TreeKey key, ReadOnlySpan<byte> value);

    public static void Walk(CopyOnWriteTree tree, ITreeVisitor visitor, TreeKey low, TreeKey end)
    {
        TreeScan scan = tree.Scan(low);
        while (end == TreeKey.Highest ? scan.MoveNext() : scan.MoveNext(end))
        {
            visitor.OnEntry(scan.Key, scan.Value);
            if (tree.ShouldRecycle)
                scan = AfterRecycling(tree, scan.Key, end);
        }
    }

    /// <summary>All keys of neighbouring tables that a test finds bad, and their values.</summary>
    public static List<(TreeKey Key, byte[] Value)> Where(CopyOnWriteTree tree, TableId first, TableId last, Test isBad)
    {
        Collector collector = new(isBad);
        Walk(tree, collector, new TreeKey(first, 0), last == (TableId)byte.MaxValue ? TreeKey.Highest : new TreeKey(last + 1, 0));
        return collector.Found;
    }

    // Pages that the cache has given up wait for somebody who knows that nobody looks at them: a scan of a whole tree would keep them all.
    private static TreeScan AfterRecycling(CopyOnWriteTree tree, TreeKey shown, TreeKey end)
    {
        tree.Recycle();
        TreeScan scan = tree.Scan(shown);
        scan.MoveNext(end);
        return scan;
    }

    private sealed class Collector(Test isBad) : ITreeVisitor
    {
        public List<(TreeKey Key, byte[] Value)> Found { get; } = [];

        public void OnUnreadable(in BlockPointer pointer, in TreeKey low, in TreeKey end, int level, string check)
        {
        }

        public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value)
        {
            if (isBad(key, value))
                Found.Add((key, value.ToArray()));
        }
    }
}
