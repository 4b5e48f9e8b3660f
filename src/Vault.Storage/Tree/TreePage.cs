namespace Vault.Storage;

/// <summary>
/// A page in memory. Clean: it has a pointer, its bytes never change again. Dirty: it belongs to a generation that
/// is not written yet; only the live generation's pages change.
/// </summary>
internal sealed class TreePage(byte[] buffer, int level, ulong generation)
{
    /// <summary>The page's bytes; from the pinned pool, possibly longer than a page.</summary>
    public byte[] Buffer { get; } = buffer;

    /// <summary>0 for a leaf.</summary>
    public int Level { get; } = level;

    /// <summary>The generation that made the page.</summary>
    public ulong Generation { get; } = generation;

    /// <summary>Where the page lies; none while it is dirty.</summary>
    public BlockPointer Pointer { get; set; }

    /// <summary>
    /// Children of a dirty branch that are, or were until the last commit, in memory only. An entry here counts
    /// before the pointer in the page's bytes.
    /// </summary>
    public TreePage?[]? Children { get; set; }

    /// <summary>Set on use, cleared by the cache's clock hand.</summary>
    public bool WasUsed { get; set; }

    public bool IsDirty => Pointer.IsNone;

    public Span<byte> Bytes => Buffer.AsSpan(0, ContainerLayout.PageSize);

    public LeafPage Leaf => new(Bytes);

    public BranchPage Branch => new(Bytes);
}
