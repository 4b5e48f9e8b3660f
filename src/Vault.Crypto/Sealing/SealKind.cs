namespace Vault.Crypto;

/// <summary>What a sealed unit is. Bound into its associated data, so that nothing can be taken for another kind.</summary>
public enum SealKind : byte
{
    /// <summary>A leaf page of the tree (page key).</summary>
    Leaf = 1,

    /// <summary>A branch page of the tree (page key).</summary>
    Branch = 2,

    /// <summary>A chunk of file data (chunk key).</summary>
    Chunk = 3,

    /// <summary>A bitmap page of the space map (space-map key).</summary>
    SpaceBitmap = 4,

    /// <summary>An index page of the space map (space-map key).</summary>
    SpaceIndex = 5,

    /// <summary>An append of the intent log (log key).</summary>
    Log = 6,
}
