namespace Vault.Storage;

/// <summary>Which object of a container failed which check.</summary>
/// <param name="Object">The kind of object: "branch page", "chunk".</param>
/// <param name="OffsetBytes">Where it lies in the container.</param>
/// <param name="Check">The check that failed: "tag", "structure".</param>
public readonly record struct CorruptionSite(string Object, long OffsetBytes, string Check);

/// <summary>Something read from the container failed a check. What hangs on it answers EIO; the rest goes on.</summary>
public sealed class VaultCorruptionException : VaultException
{
    internal VaultCorruptionException(CorruptionSite site)
        : base(VaultFailure.Corrupted, $"{site.Object} at byte {site.OffsetBytes} failed its {site.Check} check.") => Site = site;

    /// <summary>Where and which check.</summary>
    public CorruptionSite Site { get; }
}
