using System.Buffers.Binary;

namespace Vault.Crypto;

/// <summary>
/// The keys of one unlocked vault: opens sealed units and superblocks, hashes names. Seals nothing but
/// superblocks: units are sealed by a <see cref="SealingSession"/>. Safe for concurrent use.
/// </summary>
public sealed class VaultCipher : IDisposable
{
    /// <summary>Bytes of plaintext in a 4096-byte superblock slot.</summary>
    public const int SuperblockPlaintextSize = SuperblockSealer.PlaintextSize;

    private readonly SecretBuffer _master = new(MasterKey.SizeBytes);
    private readonly NameHasher _names;
    private readonly SuperblockSealer _superblocks;
    private readonly SessionKeyCache _sessions;

    /// <summary>Derives what does not depend on a session.</summary>
    /// <param name="master">Not owned; may be disposed of after the constructor returns.</param>
    /// <param name="id">The vault's id, bound into all associated data.</param>
    /// <param name="suite">The vault's AEAD.</param>
    /// <exception cref="PlatformNotSupportedException">The system's OpenSSL lacks the suite.</exception>
    public VaultCipher(MasterKey master, VaultId id, CipherSuite suite)
        : this(master, id, suite, SessionKeyCache.DefaultCapacity)
    {
    }

    internal VaultCipher(MasterKey master, VaultId id, CipherSuite suite, int sessionCapacity)
    {
        ArgumentNullException.ThrowIfNull(master);
        if (!Aead.IsSupported(suite))
            throw new PlatformNotSupportedException($"The cipher suite {suite} is not offered by this system's OpenSSL.");
        Id = id;
        master.Export(_master.Span);
        _names = new NameHasher(_master.Span);
        _superblocks = new SuperblockSealer(_master.Span, id, suite);
        _sessions = new SessionKeyCache(_master, suite, sessionCapacity);
    }

    /// <summary>The id the cipher was made for.</summary>
    public VaultId Id { get; }

    internal int CachedSessionCount => _sessions.Count;

    /// <summary>Opens a sealed unit. No managed allocation once a session's keys are derived.</summary>
    /// <param name="kind">What the parent says the unit is.</param>
    /// <param name="stamp">From the parent: already authenticated.</param>
    /// <param name="sealedBytes">As stored: untrusted.</param>
    /// <param name="plaintext">As long as <paramref name="sealedBytes"/>; not overlapping it.</param>
    /// <returns><see langword="false"/> if the tag does not match; <paramref name="plaintext"/> is then all zeros.</returns>
    /// <exception cref="ArgumentException">The spans differ in length or overlap, or the kind is unknown.</exception>
    /// <exception cref="ObjectDisposedException">The cipher was disposed of.</exception>
    public bool TryOpen(SealKind kind, in SealStamp stamp, ReadOnlySpan<byte> sealedBytes, Span<byte> plaintext) =>
        TryOpen(kind, stamp, sealedBytes, plaintext, default);

    /// <summary>As <see cref="TryOpen(SealKind, in SealStamp, ReadOnlySpan{byte}, Span{byte})"/>, of a unit that was sealed for one context.</summary>
    /// <param name="kind">What the unit is said to be.</param>
    /// <param name="stamp">Salt, sequence and tag; where no parent vouches for them, the tag does.</param>
    /// <param name="sealedBytes">As stored: untrusted.</param>
    /// <param name="plaintext">As long as <paramref name="sealedBytes"/>; not overlapping it.</param>
    /// <param name="context">0 to 32 bytes: those that it was sealed with, or it does not open.</param>
    public bool TryOpen(SealKind kind, in SealStamp stamp, ReadOnlySpan<byte> sealedBytes, Span<byte> plaintext, ReadOnlySpan<byte> context)
    {
        UnitFraming.CheckSpans(sealedBytes, plaintext, context);
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        Span<byte> tag = stackalloc byte[Aead.TagSize];
        Span<byte> room = stackalloc byte[UnitFraming.MaxAssociatedDataSize];
        UnitFraming.WriteNonce(nonce, stamp.Sequence);
        BinaryPrimitives.WriteUInt128LittleEndian(tag, stamp.Tag);
        ReadOnlySpan<byte> associatedData = UnitFraming.WriteAssociatedData(room, Id, kind, context);

        using SessionKeys keys = _sessions.Acquire(stamp.Salt);
        ContextPool<Aead> pool = keys.Pool(kind);
        Aead aead = pool.Rent();
        try
        {
            return aead.TryOpen(nonce, sealedBytes, tag, plaintext, associatedData);
        }
        finally
        {
            pool.Return(aead);
        }
    }

    /// <summary>56 bits of a keyed hash (HMAC-SHA256 under the name key) of a directory entry's name.</summary>
    public ulong HashName(ReadOnlySpan<byte> name) => _names.Hash(name);

    /// <summary>Seals a superblock under a fresh random salt: slot = salt (32) | tag (16) | ciphertext.</summary>
    /// <param name="slotIndex">Bound into the associated data.</param>
    /// <param name="plaintext"><see cref="SuperblockPlaintextSize"/> bytes.</param>
    /// <param name="slot">4096 bytes.</param>
    /// <param name="random">For the salt.</param>
    public void SealSuperblock(int slotIndex, ReadOnlySpan<byte> plaintext, Span<byte> slot, RandomSource random) =>
        _superblocks.Seal(slotIndex, plaintext, slot, random);

    /// <summary>Opens a superblock slot. See <see cref="SealSuperblock"/>.</summary>
    /// <param name="slotIndex">Where the slot was read: 0 to 255.</param>
    /// <param name="slot">4096 bytes as stored: untrusted.</param>
    /// <param name="plaintext"><see cref="SuperblockPlaintextSize"/> bytes.</param>
    /// <returns><see langword="false"/> if the slot does not authenticate; <paramref name="plaintext"/> is then all zeros.</returns>
    public bool TryOpenSuperblock(int slotIndex, ReadOnlySpan<byte> slot, Span<byte> plaintext) =>
        _superblocks.TryOpen(slotIndex, slot, plaintext);

    /// <summary>Wipes the keys; those in use by another thread as soon as that use ends.</summary>
    public void Dispose()
    {
        _sessions.Dispose();
        _superblocks.Dispose();
        _names.Dispose();
        _master.Dispose();
    }

    /// <summary>The keys of a session; the caller disposes of its reference.</summary>
    internal SessionKeys AcquireSession(UInt128 salt) => _sessions.Acquire(salt);
}
