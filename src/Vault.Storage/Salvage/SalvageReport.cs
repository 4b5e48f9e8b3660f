namespace Vault.Storage;

/// <summary>What a salvage copied out, and what it could not.</summary>
public sealed record SalvageReport
{
    /// <summary>The newest state that could be used.</summary>
    public required ulong NewestGeneration { get; init; }

    /// <summary>States that something was taken from.</summary>
    public required int StatesUsed { get; init; }

    /// <summary>Regular files, symlinks and special files that were made, incomplete ones too.</summary>
    public required long Files { get; init; }

    /// <summary>Directories that were made.</summary>
    public required long Directories { get; init; }

    /// <summary>Bytes of content copied out.</summary>
    public required long CopiedBytes { get; init; }

    /// <summary>Files that came out incomplete; each was handed out as a finding with the missing range.</summary>
    public required long IncompleteFiles { get; init; }

    /// <summary>Findings of each kind; a kind without any is left out.</summary>
    public required IReadOnlyDictionary<CheckFindingKind, long> Findings { get; init; }
}
