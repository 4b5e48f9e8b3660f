using System.Buffers.Binary;

namespace Vault.Crypto;

/// <summary>
/// The only thing that can seal: one read-write unlock. Draws a fresh 16-byte session salt, derives the session's
/// keys, and numbers every seal; callers never see or choose a nonce. Changes its salt before 2^32 seals. Safe for
/// concurrent use.
/// </summary>
public sealed class SealingSession : IDisposable
{
    /// <summary>Seals under one salt, from NIST SP 800-38D's bound of 2^32 invocations of a key.</summary>
    private const ulong DefaultSealLimit = uint.MaxValue;

    private readonly VaultCipher _cipher;
    private readonly RandomSource _random;
    private readonly ulong _sealLimit;
    private readonly INonceObserver? _observer;
    private readonly Lock _rotation = new();
    private Epoch? _epoch; // written under _rotation; null when disposed of

    /// <summary>Draws the session's salt.</summary>
    /// <param name="cipher">Not owned.</param>
    /// <param name="random">For session salts.</param>
    public SealingSession(VaultCipher cipher, RandomSource random)
        : this(cipher, random, DefaultSealLimit)
    {
    }

    /// <param name="cipher">Not owned.</param>
    /// <param name="random">For session salts.</param>
    /// <param name="sealLimit">Seals under one salt, 1 to 2^32 - 1.</param>
    internal SealingSession(VaultCipher cipher, RandomSource random, ulong sealLimit)
    {
        ArgumentNullException.ThrowIfNull(cipher);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfZero(sealLimit);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sealLimit, DefaultSealLimit);
        _cipher = cipher;
        _random = random;
        _sealLimit = sealLimit;
        _observer = NonceObserver.Value;
        _epoch = NewEpoch();
        Salt = _epoch.Keys.Salt;
    }

    /// <summary>The observer of sessions that are made in this flow of execution. Tests only.</summary>
    internal static AsyncLocal<INonceObserver?> NonceObserver { get; } = new();

    /// <summary>The salt that this session drew first; names the session in the vault's lineage.</summary>
    public UInt128 Salt { get; }

    /// <summary>Seals <paramref name="plaintext"/>. No managed allocation.</summary>
    /// <param name="kind">What the unit is; bound into the associated data together with the vault's id.</param>
    /// <param name="plaintext">Any length.</param>
    /// <param name="sealedBytes">Receives the ciphertext, as long as the plaintext; may not overlap it.</param>
    /// <returns>What the parent must keep.</returns>
    /// <exception cref="ArgumentException">The spans differ in length or overlap, or the kind is unknown.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed of.</exception>
    public SealStamp Seal(SealKind kind, ReadOnlySpan<byte> plaintext, Span<byte> sealedBytes) => Seal(kind, plaintext, sealedBytes, default);

    /// <summary>As <see cref="Seal(SealKind, ReadOnlySpan{byte}, Span{byte})"/>, of a unit that opens in one context only.</summary>
    /// <param name="kind">What the unit is.</param>
    /// <param name="plaintext">Any length.</param>
    /// <param name="sealedBytes">Receives the ciphertext.</param>
    /// <param name="context">0 to 32 bytes, bound into the associated data behind the kind.</param>
    public SealStamp Seal(SealKind kind, ReadOnlySpan<byte> plaintext, Span<byte> sealedBytes, ReadOnlySpan<byte> context)
    {
        UnitFraming.CheckSpans(plaintext, sealedBytes, context);
        UnitKey key = UnitKeys.Of(kind);
        using SessionKeys keys = Draw(out ulong sequence);
        _observer?.OnDrawn(_cipher.Id, keys.Salt, key, sequence);
        return SealUnder(keys, sequence, kind, plaintext, sealedBytes, context);
    }

    /// <summary>Wipes the session's keys as soon as no seal is under way.</summary>
    public void Dispose()
    {
        lock (_rotation)
        {
            _epoch?.Keys.Dispose();
            _epoch = null;
        }
    }

    private SealStamp SealUnder(
        SessionKeys keys, ulong sequence, SealKind kind, ReadOnlySpan<byte> plaintext, Span<byte> sealedBytes, ReadOnlySpan<byte> context)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        Span<byte> tag = stackalloc byte[Aead.TagSize];
        Span<byte> room = stackalloc byte[UnitFraming.MaxAssociatedDataSize];
        UnitFraming.WriteNonce(nonce, sequence);
        ReadOnlySpan<byte> associatedData = UnitFraming.WriteAssociatedData(room, _cipher.Id, kind, context);

        ContextPool<Aead> pool = keys.Pool(kind);
        Aead aead = pool.Rent();
        try
        {
            aead.Seal(nonce, plaintext, sealedBytes, tag, associatedData);
        }
        finally
        {
            pool.Return(aead);
        }

        return new SealStamp(keys.Salt, sequence, BinaryPrimitives.ReadUInt128LittleEndian(tag));
    }

    /// <summary>Draws a sequence that no other call gets under the same salt. The caller disposes of the keys.</summary>
    private SessionKeys Draw(out ulong sequence)
    {
        while (true)
        {
            Epoch? epoch = Volatile.Read(ref _epoch);
            ObjectDisposedException.ThrowIf(epoch is null, this);
            if (!epoch.Keys.TryAcquire())
                continue; // another thread has just put a new epoch in place, or is disposing of the session

            sequence = epoch.NextSequence();
            if (sequence <= _sealLimit)
                return epoch.Keys;

            epoch.Keys.Dispose();
            Rotate(epoch);
        }
    }

    private void Rotate(Epoch full)
    {
        lock (_rotation)
        {
            if (_epoch != full)
                return;
            Epoch next = NewEpoch();
            if (next.Keys.Salt == full.Keys.Salt)
            {
                next.Keys.Dispose();
                throw new InvalidOperationException("The random source repeated a session salt.");
            }

            Volatile.Write(ref _epoch, next);
            full.Keys.Dispose();
        }
    }

    private Epoch NewEpoch()
    {
        Span<byte> salt = stackalloc byte[16];
        _random.Fill(salt);
        return new Epoch(_cipher.AcquireSession(BinaryPrimitives.ReadUInt128LittleEndian(salt)));
    }

    /// <summary>One salt of the session and how many sequences it gave out.</summary>
    private sealed class Epoch(SessionKeys keys)
    {
        private ulong _drawn;

        public SessionKeys Keys { get; } = keys;

        /// <summary>1 first. Numbers beyond the limit are drawn by threads that then rotate, and never used.</summary>
        public ulong NextSequence() => Interlocked.Increment(ref _drawn);
    }
}
