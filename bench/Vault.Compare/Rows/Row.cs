namespace Vault.Compare.Rows;

/// <summary>Rows that use the same files, in their order, in one fresh container.</summary>
internal enum RowGroup
{
    Large,
    Tree,
    Copy,
    Sqlite,
    Git,

    /// <summary>What is seen on the way while the others are measured.</summary>
    Seen,
}

/// <summary>A line of the table.</summary>
internal sealed record Row(int Number, string Name, string Title, RowGroup Group, Unit Unit)
{
    /// <summary>Mounted again with dropped caches before.</summary>
    public bool Cold { get; init; }

    /// <summary>The row whose work has to be done before, although it may not be asked for.</summary>
    public string? Needs { get; init; }

    /// <summary>The name of the workload, if it is not the row's.</summary>
    public string? Workload { get; init; }

    public Target? Target { get; init; }

    public override string ToString() => $"{Number} {Name}";
}
