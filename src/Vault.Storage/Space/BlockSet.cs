namespace Vault.Storage;

/// <summary>Which of a group's blocks a search is for.</summary>
internal enum BlockSet
{
    /// <summary>Neither used nor held back.</summary>
    Free,

    /// <summary>Free, and the host has given its space: writing there cannot meet a full host.</summary>
    Ready,

    /// <summary>Free, and the host may not have its space (a hole, or unknown): it is asked before use.</summary>
    Bare,
}
