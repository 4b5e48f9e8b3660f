namespace Vault.Crypto;

/// <summary>What <c>create</c> decides about a vault.</summary>
/// <param name="ChunkSizeBytes">A power of two, 4 KiB to 128 KiB.</param>
/// <param name="Suite">The AEAD.</param>
/// <param name="Argon2">Cost of the first key slot.</param>
public sealed record HeaderOptions(int ChunkSizeBytes, CipherSuite Suite, Argon2Parameters Argon2);

/// <summary>What is public about a key slot.</summary>
public sealed record KeySlotInfo(int Index, KeySlotKind Kind, Argon2Parameters Argon2);

/// <summary>A header whose MAC was verified under the master key (or that was just made). Immutable.</summary>
public sealed class VaultHeader
{
    /// <summary>Bytes of one header copy.</summary>
    public const int SizeBytes = 4096;

    /// <summary>The format version that this program writes.</summary>
    public const ushort FormatVersion = 1;

    /// <summary>The vault's identity.</summary>
    public VaultId Id => throw new NotImplementedException();

    /// <summary>Bytes of a chunk: a power of two, 4 KiB to 128 KiB.</summary>
    public int ChunkSizeBytes => throw new NotImplementedException();

    /// <summary>The vault's AEAD.</summary>
    public CipherSuite Suite => throw new NotImplementedException();

    /// <summary>Counts changes of the header, from 1.</summary>
    public ulong Sequence => throw new NotImplementedException();

    /// <summary>Compatible, read-only-compatible and incompatible feature bits.</summary>
    public (ulong Compatible, ulong ReadOnlyCompatible, ulong Incompatible) Features => throw new NotImplementedException();

    /// <summary>The occupied key slots.</summary>
    public IReadOnlyList<KeySlotInfo> Slots => throw new NotImplementedException();

    /// <summary>Makes the header of a new vault: random id, one key slot that <paramref name="credential"/> opens.</summary>
    public static VaultHeader Create(HeaderOptions options, MasterKey master, Credential credential, RandomSource random) =>
        throw new NotImplementedException();

    /// <summary>Writes the header with checksum and MAC; both copies on disk have the same bytes.</summary>
    /// <param name="destination"><see cref="SizeBytes"/> bytes.</param>
    public void WriteTo(Span<byte> destination) => throw new NotImplementedException();
}
