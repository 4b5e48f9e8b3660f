namespace Vault.Crypto;

/// <summary>Which of a session's keys seals a unit. Kinds that share a key differ in their associated data.</summary>
internal enum UnitKey
{
    /// <summary>Leaves and branches of the tree.</summary>
    Page,

    /// <summary>File data.</summary>
    Chunk,

    /// <summary>Bitmap and index pages of the space map.</summary>
    SpaceMap,

    /// <summary>The intent log.</summary>
    Log,
}

/// <summary>The map from kinds to keys and from keys to labels.</summary>
internal static class UnitKeys
{
    internal const int Count = 4;

    /// <exception cref="ArgumentOutOfRangeException">Not a kind of this format.</exception>
    internal static UnitKey Of(SealKind kind) => kind switch
    {
        SealKind.Leaf or SealKind.Branch => UnitKey.Page,
        SealKind.Chunk => UnitKey.Chunk,
        SealKind.SpaceBitmap or SealKind.SpaceIndex => UnitKey.SpaceMap,
        SealKind.Log => UnitKey.Log,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of sealed unit."),
    };

    internal static ReadOnlySpan<byte> Label(UnitKey key) => key switch
    {
        UnitKey.Page => KeyLabels.Page,
        UnitKey.Chunk => KeyLabels.Chunk,
        UnitKey.SpaceMap => KeyLabels.SpaceMap,
        UnitKey.Log => KeyLabels.Log,
        _ => throw new ArgumentOutOfRangeException(nameof(key)),
    };
}
