using System.Numerics;

namespace Vault.Crypto;

/// <summary>
/// Cipher contexts of one key, lent to one thread at a time. Lock-free; allocates only while more threads want a context
/// than there were ever before.
/// </summary>
internal sealed class AeadPool : IDisposable
{
    private readonly SecretBuffer _keys;
    private readonly int _keyOffset;
    private readonly CipherSuite _suite;
    private readonly Aead?[] _idle = new Aead?[BitOperations.RoundUpToPowerOf2((uint)Math.Max(8, Environment.ProcessorCount * 2))];

    /// <param name="keys">Not owned; outlives the pool.</param>
    /// <param name="keyOffset">Where the key begins in it.</param>
    /// <param name="suite">The vault's AEAD.</param>
    internal AeadPool(SecretBuffer keys, int keyOffset, CipherSuite suite)
    {
        _keys = keys;
        _keyOffset = keyOffset;
        _suite = suite;
    }

    internal Aead Rent()
    {
        int mask = _idle.Length - 1;
        int home = Environment.CurrentManagedThreadId & mask;
        for (int i = 0; i < _idle.Length; i++)
        {
            ref Aead? place = ref _idle[(home + i) & mask];
            if (Volatile.Read(ref place) is not null && Interlocked.Exchange(ref place, null) is { } context)
                return context;
        }

        using SecretBuffer.Lease lease = _keys.Borrow();
        return Aead.Create(_suite, lease.Span.Slice(_keyOffset, Aead.KeySize));
    }

    internal void Return(Aead context)
    {
        int mask = _idle.Length - 1;
        int home = Environment.CurrentManagedThreadId & mask;
        for (int i = 0; i < _idle.Length; i++)
        {
            ref Aead? place = ref _idle[(home + i) & mask];
            if (Volatile.Read(ref place) is null && Interlocked.CompareExchange(ref place, context, null) is null)
                return;
        }

        context.Dispose();
    }

    /// <summary>Disposes of the idle contexts. Nobody may hold or ask for one any more.</summary>
    public void Dispose()
    {
        for (int i = 0; i < _idle.Length; i++)
            Interlocked.Exchange(ref _idle[i], null)?.Dispose();
    }
}
