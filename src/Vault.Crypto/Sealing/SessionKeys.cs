using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Vault.Crypto;

/// <summary>
/// The unit keys of one session salt. Counted: it begins with one reference, each <see cref="Dispose"/> gives one back, and
/// the last wipes the keys, so that the cache can drop keys which another thread still uses.
/// </summary>
internal sealed class SessionKeys : IDisposable
{
    private readonly SecretBuffer _keys = new(UnitKeys.Count * Aead.KeySize);
    private readonly ContextPool<Aead>[] _pools = new ContextPool<Aead>[UnitKeys.Count];
    private int _references = 1;
    private bool _recentlyUsed;

    internal SessionKeys(ReadOnlySpan<byte> master, UInt128 salt, CipherSuite suite)
    {
        Salt = salt;
        Span<byte> saltBytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(saltBytes, salt);
        for (int i = 0; i < UnitKeys.Count; i++)
        {
            int keyOffset = i * Aead.KeySize;
            KeySchedule.Derive(master, saltBytes, UnitKeys.Label((UnitKey)i), _keys.Span.Slice(keyOffset, Aead.KeySize));
            _pools[i] = new ContextPool<Aead>(() => MakeContext(suite, keyOffset));
        }
    }

    internal UInt128 Salt { get; }

    internal ContextPool<Aead> Pool(SealKind kind) => _pools[(int)UnitKeys.Of(kind)];

    /// <summary>Takes a reference.</summary>
    /// <returns><see langword="false"/> if the keys were wiped already.</returns>
    internal bool TryAcquire()
    {
        int seen = Volatile.Read(ref _references);
        while (seen > 0)
        {
            int before = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return false;
    }

    /// <summary>Gives one reference back.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _references) > 0)
            return;
        foreach (ContextPool<Aead> pool in _pools)
            pool.Dispose();
        _keys.Dispose();
    }

    internal void MarkUsed()
    {
        // Read first: a write on every use would pass the cache line between processors.
        if (!Volatile.Read(ref _recentlyUsed))
            Volatile.Write(ref _recentlyUsed, true);
    }

    /// <summary>Whether the keys were used since the last call.</summary>
    internal bool ForgetUse() => Interlocked.Exchange(ref _recentlyUsed, false);

    private Aead MakeContext(CipherSuite suite, int keyOffset)
    {
        using SecretBuffer.Lease keys = _keys.Borrow();
        return Aead.Create(suite, keys.Span.Slice(keyOffset, Aead.KeySize));
    }
}
