namespace Vault.Crypto;

/// <summary>Why bytes are not a usable header; the first that applies, in this order of checks.</summary>
public enum HeaderDefect
{
    /// <summary>None: the header can be used.</summary>
    None,

    /// <summary>The magic is missing: this is not a vault (or its first bytes are destroyed).</summary>
    NotAVault,

    /// <summary>The checksum does not match: damage.</summary>
    Damaged,

    /// <summary>A format version that this program does not know.</summary>
    UnknownVersion,

    /// <summary>An incompatible feature that this program does not know; the message names its bits.</summary>
    UnknownFeature,

    /// <summary>A field has a value that this format does not allow, though the checksum matches.</summary>
    BadField,

    /// <summary>The MAC does not match under the right master key: somebody changed the header.</summary>
    Forged,
}
