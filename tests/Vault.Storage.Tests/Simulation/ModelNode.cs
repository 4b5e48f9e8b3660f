namespace Vault.Storage.Tests.Simulation;

/// <summary>An inode of the model.</summary>
internal sealed class ModelNode
{
    public required uint Mode { get; set; }

    /// <summary>Of a file or the target of a symlink. Replaced, never changed: copies of the model share it.</summary>
    public byte[] Content { get; set; } = [];

    /// <summary>Of a directory, else null.</summary>
    public SortedDictionary<string, ModelNode>? Children { get; init; }

    public SortedDictionary<string, byte[]> Xattrs { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Names of a file; 0 once it has none.</summary>
    public uint Names { get; set; } = 1;

    public AttributeFlags Flags { get; set; }

    public long ModifyTime { get; set; }

    public long ChangeTime { get; set; }

    public bool IsDirectory => Children is not null;

    public bool IsRegularFile => (Mode & ModeBits.TypeMask) == ModeBits.RegularFile;

    public uint LinkCount => IsDirectory ? 2 + (uint)Children!.Values.Count(c => c.IsDirectory) : Names;

    public static ModelNode NewDirectory(uint mode) => new() { Mode = mode, Children = new SortedDictionary<string, ModelNode>(StringComparer.Ordinal) };

    /// <summary>Whether one of some flags is set.</summary>
    public bool Is(AttributeFlags flags) => (Flags & flags) != 0;

    /// <summary>What a new node takes from its directory.</summary>
    public void InheritFrom(ModelNode directory)
    {
        if ((Mode & ModeBits.TypeMask) != ModeBits.SymbolicLink)
            Flags = directory.Flags & (AttributeFlags.NoDump | AttributeFlags.NoAccessTime);
        ModelAcl.Inherit(directory, this);
    }

    public bool Contains(ModelNode node) => ReferenceEquals(this, node) || (Children?.Values.Any(c => c.Contains(node)) ?? false);

    /// <summary>A copy of a tree, hard links within it kept.</summary>
    public ModelNode Clone(Dictionary<ModelNode, ModelNode> copies)
    {
        if (copies.TryGetValue(this, out ModelNode? known))
            return known;
        ModelNode copy = new()
        {
            Mode = Mode,
            Content = Content,
            Children = IsDirectory ? new SortedDictionary<string, ModelNode>(StringComparer.Ordinal) : null,
            Xattrs = new SortedDictionary<string, byte[]>(Xattrs, StringComparer.Ordinal),
            Names = Names,
            Flags = Flags,
            ModifyTime = ModifyTime,
            ChangeTime = ChangeTime,
        };
        copies.Add(this, copy);
        foreach ((string name, ModelNode child) in Children ?? [])
            copy.Children!.Add(name, child.Clone(copies));
        return copy;
    }
}
