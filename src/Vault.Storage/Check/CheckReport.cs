namespace Vault.Storage;

/// <summary>What a check of one durable state saw; the findings themselves were handed out as they came.</summary>
public sealed record CheckReport
{
    /// <summary>The state that was checked.</summary>
    public required ulong Generation { get; init; }

    /// <summary>Regular files, symlinks and special files.</summary>
    public required long Files { get; init; }

    /// <summary>Directories, the root among them.</summary>
    public required long Directories { get; init; }

    /// <summary>Bytes of the container that were read and verified.</summary>
    public required long CheckedBytes { get; init; }

    /// <summary>Findings of each kind; a kind without any is left out.</summary>
    public required IReadOnlyDictionary<CheckFindingKind, long> Findings { get; init; }

    /// <summary>Nothing at all was found.</summary>
    public bool IsClean => Findings.Count == 0;

    /// <summary>Something that a person stored cannot be read.</summary>
    public bool HasLostData => Findings.Keys.Any(kind => kind <= CheckFindingKind.TreePage);
}
