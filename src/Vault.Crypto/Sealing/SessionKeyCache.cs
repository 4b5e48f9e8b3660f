using System.Collections.Concurrent;

namespace Vault.Crypto;

/// <summary>
/// Keys of sessions, derived when first asked for. Bounded: salts come from pointers, and an old vault has many. Second
/// chance decides which to drop. A hit takes no lock and allocates nothing.
/// </summary>
internal sealed class SessionKeyCache : IDisposable
{
    internal const int DefaultCapacity = 64;

    private readonly SecretBuffer _master;
    private readonly CipherSuite _suite;
    private readonly int _capacity;
    private readonly ConcurrentDictionary<UInt128, SessionKeys> _bySalt = new();
    private readonly Lock _gate = new();
    private readonly Queue<SessionKeys> _byAge = new(); // guarded by _gate
    private bool _isDisposed; // guarded by _gate

    /// <param name="master">Not owned; outlives the cache.</param>
    /// <param name="suite">The vault's AEAD.</param>
    /// <param name="capacity">Sessions kept, at least 1.</param>
    internal SessionKeyCache(SecretBuffer master, CipherSuite suite, int capacity)
    {
        _master = master;
        _suite = suite;
        _capacity = capacity;
    }

    internal int Count => _bySalt.Count;

    /// <summary>The keys of a session; the caller disposes of its reference.</summary>
    /// <exception cref="ObjectDisposedException">The cache was disposed of.</exception>
    internal SessionKeys Acquire(UInt128 salt)
    {
        if (_bySalt.TryGetValue(salt, out SessionKeys? keys) && keys.TryAcquire())
        {
            keys.MarkUsed();
            return keys;
        }

        return Derive(salt);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _bySalt.Clear();
            while (_byAge.TryDequeue(out SessionKeys? keys))
                keys.Dispose();
        }
    }

    private SessionKeys Derive(UInt128 salt)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);

            // Under the lock, keys in the dictionary hold the cache's reference.
            if (_bySalt.TryGetValue(salt, out SessionKeys? keys) && keys.TryAcquire())
                return keys;

            while (_byAge.Count >= _capacity)
                DropOne();
            using SecretBuffer.Lease master = _master.Borrow();
            keys = new SessionKeys(master.Span[..MasterKey.SizeBytes], salt, _suite);
            keys.TryAcquire();
            _bySalt[salt] = keys;
            _byAge.Enqueue(keys);
            return keys;
        }
    }

    private void DropOne()
    {
        SessionKeys oldest = _byAge.Dequeue();
        if (oldest.ForgetUse())
        {
            _byAge.Enqueue(oldest);
            return;
        }

        _bySalt.TryRemove(oldest.Salt, out _);
        oldest.Dispose();
    }
}
