namespace Vault.Storage;

/// <summary>What the superblock ring tells of states newer than the one that opens (ADR 9).</summary>
public enum NewerStates
{
    /// <summary>There was none, or a crash tore its superblock: nothing is lost for which a sync had returned.</summary>
    None,

    /// <summary>There may have been one: something is wrong that no crash leaves behind.</summary>
    PerhapsLost,

    /// <summary>There was one, and it was durable.</summary>
    Lost,
}
