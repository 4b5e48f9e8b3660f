using System.Buffers.Binary;

namespace Vault.Crypto;

/// <summary>What <c>create</c> decides about a vault.</summary>
/// <param name="ChunkSizeBytes">A power of two, 4 KiB to 128 KiB.</param>
/// <param name="Suite">The AEAD.</param>
/// <param name="Argon2">Cost of the first key slot.</param>
public sealed record HeaderOptions(int ChunkSizeBytes, CipherSuite Suite, Argon2Parameters Argon2);

/// <summary>What is public about a key slot.</summary>
/// <param name="Index">From zero.</param>
/// <param name="Kind">What opens it.</param>
/// <param name="Argon2">Within bounds.</param>
public sealed record KeySlotInfo(int Index, KeySlotKind Kind, Argon2Parameters Argon2);

/// <summary>A header whose MAC was verified under the master key (or that was just made). Immutable.</summary>
public sealed class VaultHeader
{
    /// <summary>Bytes of one header copy.</summary>
    public const int SizeBytes = 4096;

    /// <summary>The format version that this program writes.</summary>
    public const ushort FormatVersion = 1;

    private readonly byte[] _bytes;
    private readonly HeaderFields _fields;

    /// <param name="bytes">Verified; not to be changed any more.</param>
    /// <param name="fields">What the bytes say.</param>
    internal VaultHeader(byte[] bytes, HeaderFields fields)
    {
        _bytes = bytes;
        _fields = fields;
    }

    /// <summary>The vault's identity.</summary>
    public VaultId Id => _fields.Id;

    /// <summary>Bytes of a chunk: a power of two, 4 KiB to 128 KiB.</summary>
    public int ChunkSizeBytes => _fields.ChunkSizeBytes;

    /// <summary>The vault's AEAD.</summary>
    public CipherSuite Suite => _fields.Suite;

    /// <summary>Counts changes of the header, from 1.</summary>
    public ulong Sequence => _fields.Sequence;

    /// <summary>Compatible, read-only-compatible and incompatible feature bits.</summary>
    public (ulong Compatible, ulong ReadOnlyCompatible, ulong Incompatible) Features => _fields.Features;

    /// <summary>Whether this program may write the vault: false if a read-only-compatible feature is unknown to it.</summary>
    public bool AllowsWriting => (Features.ReadOnlyCompatible & ~HeaderFeatures.KnownReadOnlyCompatible) == 0;

    /// <summary>The occupied key slots.</summary>
    public IReadOnlyList<KeySlotInfo> Slots => _fields.Slots;

    /// <summary>Makes the header of a new vault: random id, one key slot that <paramref name="credential"/> opens.</summary>
    /// <param name="options">Checked here.</param>
    /// <param name="master">Not owned; sealed into the slot.</param>
    /// <param name="credential">Not owned.</param>
    /// <param name="random">For the vault's id and the slot's salt.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option that the format does not allow.</exception>
    /// <exception cref="KeyDerivationException">Argon2id could not be computed on this machine.</exception>
    public static VaultHeader Create(HeaderOptions options, MasterKey master, Credential credential, RandomSource random) =>
        Create(options, master, credential, random, Argon2SlotKeyDeriver.Instance);

    /// <summary>Writes the header with checksum and MAC; both copies on disk have the same bytes.</summary>
    /// <param name="destination"><see cref="SizeBytes"/> bytes.</param>
    public void WriteTo(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, SizeBytes);
        _bytes.CopyTo(destination);
    }

    internal static VaultHeader Create(
        HeaderOptions options, MasterKey master, Credential credential, RandomSource random, ISlotKeyDeriver deriver)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(master);
        ArgumentNullException.ThrowIfNull(credential);
        ArgumentNullException.ThrowIfNull(random);
        if (options.ChunkSizeBytes < 0 || !HeaderFields.IsChunkSize((uint)options.ChunkSizeBytes))
            throw new ArgumentOutOfRangeException(nameof(options), options.ChunkSizeBytes, "The chunk size is not a power of two from 4 KiB to 128 KiB.");
        if (!options.Argon2.IsWithinBounds)
            throw new ArgumentOutOfRangeException(nameof(options), options.Argon2, "Argon2id parameters out of bounds.");
        if (!Aead.IsSupported(options.Suite))
            throw new ArgumentOutOfRangeException(nameof(options), options.Suite, "A cipher suite that this machine does not offer.");

        byte[] bytes = new byte[SizeBytes];
        HeaderLayout.Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(HeaderLayout.VersionOffset), FormatVersion);
        bytes[HeaderLayout.SuiteOffset] = (byte)options.Suite;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(HeaderLayout.BlockSizeOffset), HeaderFields.BlockSize);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(HeaderLayout.ChunkSizeOffset), (uint)options.ChunkSizeBytes);
        random.Fill(bytes.AsSpan(HeaderLayout.VaultIdOffset, VaultId.SizeBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(HeaderLayout.SequenceOffset), 1);
        KeySlot.Write(bytes, index: 0, options.Argon2, master, credential, random, deriver);
        HeaderMac.Write(bytes, master);

        HeaderDefect defect = HeaderFields.TryParse(bytes, out HeaderFields? fields);
        return fields is not null
            ? new VaultHeader(bytes, fields)
            : throw new InvalidOperationException($"A header was made that cannot be read: {defect}.");
    }
}
