namespace Vault.Crypto;

/// <summary>HKDF-SHA256 <c>info</c> of each derived key: one ASCII string a purpose (docs/format/sealing.md).</summary>
internal static class KeyLabels
{
    internal static ReadOnlySpan<byte> HeaderMac => "vaultfs v1 header mac"u8;

    internal static ReadOnlySpan<byte> Superblock => "vaultfs v1 superblock"u8;

    internal static ReadOnlySpan<byte> SuperblockSlot => "vaultfs v1 superblock slot"u8;

    internal static ReadOnlySpan<byte> Name => "vaultfs v1 name"u8;

    internal static ReadOnlySpan<byte> Page => "vaultfs v1 page"u8;

    internal static ReadOnlySpan<byte> Chunk => "vaultfs v1 chunk"u8;

    internal static ReadOnlySpan<byte> SpaceMap => "vaultfs v1 space map"u8;

    internal static ReadOnlySpan<byte> Log => "vaultfs v1 log"u8;

    internal static ReadOnlySpan<byte> SlotWrap => "vaultfs v1 slot wrap"u8;

    internal static ReadOnlySpan<byte> SlotCommitment => "vaultfs v1 slot commitment"u8;
}
