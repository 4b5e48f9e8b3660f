using System.Numerics;

namespace Vault.Crypto;

/// <summary>
/// Contexts of one key, each lent to one thread at a time: they drive an OpenSSL context, which is not for two threads at
/// once. Lock-free; allocates only while more threads want a context than ever before.
/// </summary>
/// <param name="make">Makes a context; throws <see cref="ObjectDisposedException"/> once the key is wiped.</param>
internal sealed class ContextPool<T>(Func<T> make) : IDisposable
    where T : class, IDisposable
{
    private readonly T?[] _idle = new T?[BitOperations.RoundUpToPowerOf2((uint)Math.Max(8, Environment.ProcessorCount * 2))];
    private bool _isDisposed;

    private int Mask => _idle.Length - 1;

    /// <summary>Threads start at places of their own, so that they seldom meet.</summary>
    private int Home => Environment.CurrentManagedThreadId & Mask;

    /// <summary>Lends a context. One that failed half-way is not returned, but left to its finalizer.</summary>
    internal T Rent()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        for (int i = 0; i < _idle.Length; i++)
        {
            ref T? place = ref _idle[(Home + i) & Mask];
            if (Volatile.Read(ref place) is not null && Interlocked.Exchange(ref place, null) is { } context)
                return context;
        }

        return make();
    }

    internal void Return(T context)
    {
        for (int i = 0; i < _idle.Length; i++)
        {
            ref T? place = ref _idle[(Home + i) & Mask];
            if (Volatile.Read(ref place) is not null || Interlocked.CompareExchange(ref place, context, null) is not null)
                continue;
            if (Volatile.Read(ref _isDisposed))
                DisposeIdle();
            return;
        }

        context.Dispose();
    }

    /// <summary>Disposes of the idle contexts at once, of lent ones when they return.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _isDisposed, true);
        Interlocked.MemoryBarrier();
        DisposeIdle();
    }

    private void DisposeIdle()
    {
        for (int i = 0; i < _idle.Length; i++)
            Interlocked.Exchange(ref _idle[i], null)?.Dispose();
    }
}
