namespace Vault.Crypto;

/// <summary>Feature bits that this program knows.</summary>
internal static class HeaderFeatures
{
    /// <summary>Bits of the read-only-compatible word: an unknown one allows reading only.</summary>
    internal const ulong KnownReadOnlyCompatible = 0;

    /// <summary>Bits of the incompatible word: an unknown one refuses the vault.</summary>
    internal const ulong KnownIncompatible = 0;
}
