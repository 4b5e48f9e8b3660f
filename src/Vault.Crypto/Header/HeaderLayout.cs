namespace Vault.Crypto;

/// <summary>Offsets and sizes in a header copy (docs/format/header.md). All integers are little-endian.</summary>
internal static class HeaderLayout
{
    internal const int MagicOffset = 0;
    internal const int MagicSize = 8;
    internal const int VersionOffset = 8;
    internal const int SuiteOffset = 10;
    internal const int ReservedAOffset = 11;
    internal const int ReservedASize = 1;
    internal const int BlockSizeOffset = 12;
    internal const int ChunkSizeOffset = 16;
    internal const int ReservedBOffset = 20;
    internal const int ReservedBSize = 4;
    internal const int VaultIdOffset = 24;

    /// <summary>What never changes in the life of a vault: bound into each slot's sealed key.</summary>
    internal const int FixedPartSize = 40;

    internal const int SequenceOffset = 40;
    internal const int CompatibleOffset = 48;
    internal const int ReadOnlyCompatibleOffset = 56;
    internal const int IncompatibleOffset = 64;
    internal const int ReservedCOffset = 72;
    internal const int ReservedCSize = 184;
    internal const int SlotsOffset = 256;
    internal const int SlotCount = 8;
    internal const int ReservedDOffset = 2304;
    internal const int ReservedDSize = 1728;

    /// <summary>HMAC-SHA256 over all bytes before it.</summary>
    internal const int MacOffset = 4032;
    internal const int MacSize = 32;

    /// <summary>SHA-256 over all bytes before it, the MAC included.</summary>
    internal const int ChecksumOffset = 4064;
    internal const int ChecksumSize = 32;

    /// <summary>As in PNG, a first byte outside ASCII shows a transfer that stripped the eighth bit.</summary>
    internal static ReadOnlySpan<byte> Magic => [0x89, (byte)'V', (byte)'A', (byte)'U', (byte)'L', (byte)'T', (byte)'F', (byte)'S'];
}

/// <summary>Offsets and sizes in a key slot (docs/format/header.md).</summary>
internal static class KeySlotLayout
{
    internal const int Size = 256;
    internal const int KindOffset = 0;
    internal const int Argon2VersionOffset = 1;
    internal const int ReservedAOffset = 2;
    internal const int ReservedASize = 2;
    internal const int MemoryKibOffset = 4;
    internal const int IterationsOffset = 8;
    internal const int LanesOffset = 12;
    internal const int SaltOffset = 16;
    internal const int SaltSize = 32;

    /// <summary>The slot's own parameters: bound into its sealed key.</summary>
    internal const int ParametersSize = 48;

    internal const int CommitmentOffset = 48;
    internal const int CommitmentSize = 32;
    internal const int WrappedKeyOffset = 80;
    internal const int WrapTagOffset = 112;
    internal const int ReservedBOffset = 128;
    internal const int ReservedBSize = 128;
}
