using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// The radix index of the space map: pages of 64 pointers, the lowest level pointing to bitmap pages. Loaded page by
/// page when asked for, so that opening a vault does not depend on its size. Not synchronized.
/// </summary>
internal sealed class SpaceIndex
{
    public const int FanOut = ContainerLayout.BlockSize / BlockPointer.SizeBytes;
    public const int MaxDepth = 6;

    private readonly SealedUnits _units;
    private Node? _root;

    public SpaceIndex(SealedUnits units, BlockPointer root, int depth)
    {
        _units = units;
        Depth = depth;
        if (!root.IsNone)
            _root = Load(root, depth);
    }

    public int Depth { get; private set; }

    /// <summary>Whether a pointer can be that of a page of the map: level 0 is a bitmap.</summary>
    public static bool IsPageOf(in BlockPointer pointer, int level) =>
        pointer.Kind == (level == 0 ? SealKind.SpaceBitmap : SealKind.SpaceIndex) && pointer.BlockCount == 1;

    public BlockPointer RootPointer => _root?.Pointer ?? default;

    /// <summary>The pointer to a group's bitmap, or none.</summary>
    public BlockPointer Get(int group)
    {
        Node? node = _root;
        if (node is null || group >= GroupsBelow(Depth))
            return default;
        while (node.Level > 1)
        {
            node = Child(node, SlotOf(group, node.Level));
            if (node is null)
                return default;
        }

        return node.Entries[group % FanOut];
    }

    /// <summary>Sets a group's pointer and marks the way to it dirty.</summary>
    public void Set(int group, in BlockPointer pointer)
    {
        _root ??= new Node(Depth = 1);
        while (group >= GroupsBelow(Depth))
        {
            Node above = new(++Depth) { IsDirty = true };
            above.Children[0] = _root;
            above.Entries[0] = _root.Pointer;
            _root = above;
        }

        Node node = _root;
        node.IsDirty = true;
        while (node.Level > 1)
        {
            int slot = SlotOf(group, node.Level);
            node = Child(node, slot) ?? (node.Children[slot] = new Node(node.Level - 1));
            node.IsDirty = true;
        }

        node.Entries[group % FanOut] = pointer;
    }

    /// <summary>Calls <paramref name="assign"/> for each dirty page that has no new place yet; its old place is passed.</summary>
    /// <returns>Whether there was any.</returns>
    public bool AssignDirty(Func<BlockPointer, BlockPointer> assign) => _root is not null && AssignDirty(_root, assign);

    /// <summary>Writes every dirty page, children first. All have their places.</summary>
    public void WriteDirty()
    {
        if (_root is { IsDirty: true })
            WriteDirty(_root);
    }

    private static long GroupsBelow(int depth)
    {
        long groups = 1;
        for (int i = 0; i < depth; i++)
            groups *= FanOut;
        return groups;
    }

    private static int SlotOf(int group, int level) => (int)(group / GroupsBelow(level - 1) % FanOut);

    private static bool AssignDirty(Node node, Func<BlockPointer, BlockPointer> assign)
    {
        if (!node.IsDirty)
            return false;
        bool any = false;
        if (!node.HasNewPlace)
        {
            node.Pointer = assign(node.Pointer);
            node.HasNewPlace = true;
            any = true;
        }

        foreach (Node? child in node.Children)
        {
            if (child is not null)
                any |= AssignDirty(child, assign);
        }

        return any;
    }

    private void WriteDirty(Node node)
    {
        Span<byte> page = stackalloc byte[ContainerLayout.BlockSize];
        for (int i = 0; i < FanOut; i++)
        {
            if (node.Children[i] is { } child)
            {
                if (child.IsDirty)
                    WriteDirty(child);
                node.Entries[i] = child.Pointer;
            }

            node.Entries[i].WriteTo(page[(i * BlockPointer.SizeBytes)..]);
        }

        node.Pointer = _units.Write(node.Pointer, page);
        node.IsDirty = false;
        node.HasNewPlace = false;
    }

    private Node? Child(Node node, int slot)
    {
        if (node.Children[slot] is { } child)
            return child;
        BlockPointer pointer = node.Entries[slot];
        return pointer.IsNone ? null : node.Children[slot] = Load(pointer, node.Level - 1);
    }

    private Node Load(in BlockPointer pointer, int level)
    {
        if (pointer.Kind != SealKind.SpaceIndex || pointer.BlockCount != 1)
            throw new VaultCorruptionException(new CorruptionSite("space map index", pointer.Address.OffsetBytes, "structure"));
        Span<byte> page = stackalloc byte[ContainerLayout.BlockSize];
        _units.Read(pointer, page);
        Node node = new(level) { Pointer = pointer };
        for (int i = 0; i < FanOut; i++)
            node.Entries[i] = BlockPointer.Read(page[(i * BlockPointer.SizeBytes)..]);
        return node;
    }

    private sealed class Node(int level)
    {
        public readonly BlockPointer[] Entries = new BlockPointer[FanOut];
        public readonly Node?[] Children = new Node?[FanOut];

        public int Level { get; } = level;

        public BlockPointer Pointer { get; set; }

        public bool IsDirty { get; set; }

        /// <summary>Whether <see cref="Pointer"/> is already where the page will be written in this commit.</summary>
        public bool HasNewPlace { get; set; }
    }
}
