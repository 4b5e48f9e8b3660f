namespace Vault.Compare.Rows;

/// <summary>All rows. Their order within a group is the order in which they run; their numbers are the order of the table.</summary>
internal static class RowCatalog
{
    public const string Memory = "memory";
    public const string Unlock = "unlock";

    public static IReadOnlyList<Row> All { get; } =
    [
        new(1, "write", "write 512 MiB by 1 MiB, fsync at the end", RowGroup.Large, Unit.Throughput) { Target = new(Reference.Passthrough, 1) },
        new(2, "read", "read it cold by 1 MiB", RowGroup.Large, Unit.Throughput) { Cold = true, Needs = "write", Target = new(Reference.BestMounted, 1.5) },
        new(3, "read-4", "read it cold by 1 MiB, 4 threads", RowGroup.Large, Unit.Throughput) { Cold = true, Needs = "write", Target = new(Reference.BestMounted, 1.4) },
        new(4, "random-read", "random 4 KiB reads, cold", RowGroup.Large, Unit.Operations) { Cold = true, Needs = "write", Target = new(Reference.Passthrough, 1) },
        new(5, "random-read-4", "random 4 KiB reads, cold, 4 threads", RowGroup.Large, Unit.Operations) { Cold = true, Needs = "write", Target = new(Reference.BestPeer, 1) },
        new(18, "mapped-read", "random 4 KiB reads through mmap, cold", RowGroup.Large, Unit.Operations) { Cold = true, Needs = "write" },
        new(6, "random-write", "random 4 KiB writes (64 MiB), fsync at the end, cold", RowGroup.Large, Unit.Operations) { Cold = true, Needs = "write", Target = new(Reference.BestPeer, 2) },
        new(19, "mixed-4", "random 4 KiB reads (70%) and writes, 4 threads, cold", RowGroup.Large, Unit.Operations) { Cold = true, Needs = "write" },
        new(7, "synced-write", "4 KiB write + fdatasync each", RowGroup.Large, Unit.Operations) { Target = new(Reference.BestPeer, 1.2) },

        new(8, "create", "create 10,000 files of 4 KiB in 100 directories", RowGroup.Tree, Unit.Files) { Target = new(Reference.BestPeer, 2) },
        new(9, "stat", "walk and stat them, cold", RowGroup.Tree, Unit.Files) { Cold = true, Needs = "create", Target = new(Reference.Gocryptfs, 1.5) },
        new(20, "list", "ls -lR, cold", RowGroup.Tree, Unit.Listing) { Cold = true, Needs = "create" },
        new(10, "read-files", "read them all, cold", RowGroup.Tree, Unit.Files) { Cold = true, Needs = "create", Target = new(Reference.BestPeer, 2.2) },
        new(11, "read-files-again", "read them again", RowGroup.Tree, Unit.Files) { Needs = "read-files", Workload = "read-files", Target = new(Reference.BestPeer, 2.5) },
        new(12, "rename", "rename each", RowGroup.Tree, Unit.Files) { Needs = "create", Target = new(Reference.BestPeer, 2) },
        new(13, "delete", "delete all", RowGroup.Tree, Unit.Files) { Needs = "create", Target = new(Reference.BestPeer, 1.5) },
        new(21, "append", "open, append 120 bytes, close (a log)", RowGroup.Tree, Unit.Appends),

        new(14, "copy", "cp -a /usr/include, then sync", RowGroup.Copy, Unit.Seconds) { Target = new(Reference.BestPeer, 0.6) },
        new(15, "tar", "tar of it to a pipe, cold", RowGroup.Copy, Unit.Seconds) { Cold = true, Needs = "copy", Target = new(Reference.BestPeer, 0.6) },

        new(16, "sqlite", "SQLite WAL, 2,000 commits", RowGroup.Sqlite, Unit.Commits) { Target = new(Reference.BestPeer, 0.6) },
        new(22, "git", "git clone and status", RowGroup.Git, Unit.Seconds),

        new(17, Memory, "server's peak memory while mounted", RowGroup.Seen, Unit.Memory) { Target = new(Reference.Nobody, 200) },
        new(23, Unlock, "unlock (cheap KDF)", RowGroup.Seen, Unit.Seconds),
    ];

    public static Row Get(string name) => All.Single(row => row.Name == name);

    /// <param name="selection">Numbers, names or parts of names, separated by commas; null for all rows.</param>
    /// <returns>Null and a message if a part means nothing.</returns>
    public static IReadOnlyList<Row>? Select(string? selection, out string problem)
    {
        problem = "";
        if (selection is null)
            return All;
        HashSet<Row> selected = [];
        foreach (string part in selection.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            Row[] found = [.. Find(part)];
            if (found.Length == 0)
            {
                problem = $"No row is called '{part}'. There are: {string.Join(", ", All.OrderBy(row => row.Number))}.";
                return null;
            }

            selected.UnionWith(found);
        }

        return [.. All.Where(selected.Contains)];
    }

    /// <summary>The rows of a group that have to run, in order: those that are selected and those that they need.</summary>
    public static IReadOnlyList<Row> ToRun(RowGroup group, IReadOnlyCollection<Row> selected)
    {
        HashSet<Row> needed = [];
        foreach (Row row in selected.Where(row => row.Group == group))
            for (Row? next = row; next is not null && needed.Add(next);)
                next = next.Needs is null ? null : Get(next.Needs);
        return [.. All.Where(needed.Contains)];
    }

    private static IEnumerable<Row> Find(string part)
    {
        if (int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return All.Where(row => row.Number == number);
        Row[] exact = [.. All.Where(row => row.Name == part)];
        return exact.Length > 0 ? exact : All.Where(row => row.Name.Contains(part, StringComparison.OrdinalIgnoreCase) || row.Title.Contains(part, StringComparison.OrdinalIgnoreCase));
    }
}
