using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Vault.Crypto.Interop;

namespace Vault.Crypto;

/// <summary>Pinned, pooled buffers for plaintext: cleared on return, locked in memory where the limit allows.</summary>
/// <remarks>
/// Buckets are powers of two from 512 bytes to 2 MiB; larger arrays are pinned and tracked too, but not kept. What was
/// needed at once is kept for ever, since pinned garbage is collected late: who rents many has a bound on them. Neither
/// renting nor returning allocates once a bucket holds enough idle arrays.
/// </remarks>
public sealed class PinnedBufferPool : ArrayPool<byte>
{
    internal const int SmallestLength = 512;
    internal const int LargestLength = 2 << 20;

    /// <summary>Locked bytes at most, where RLIMIT_MEMLOCK sets no lower bound.</summary>
    private const ulong MostLockedBytes = 256UL << 20;

    private static readonly int SmallestShift = BitOperations.Log2(SmallestLength);

    private readonly Bucket[] _buckets = new Bucket[BitOperations.Log2(LargestLength) - SmallestShift + 1];
    private readonly ConditionalWeakTable<byte[], Buffer> _owned = [];

    // Half of the limit stays free: keys come before plaintext.
    private readonly long _lockBudgetBytes = (long)Math.Min(LibC.LockLimitBytes() / 2, MostLockedBytes);
    private long _lockedBytes;

    internal PinnedBufferPool()
    {
        for (int i = 0; i < _buckets.Length; i++)
            _buckets[i] = new Bucket();
    }

    /// <summary>The pool of this process.</summary>
    public static new PinnedBufferPool Shared { get; } = new();

    /// <summary>Bytes of this pool's arrays that were locked in memory when they were made.</summary>
    public long LockedBytes => Volatile.Read(ref _lockedBytes);

    /// <summary>
    /// Rents an array of at least <paramref name="minimumLength"/> bytes (the next power of two; the exact length above
    /// 2 MiB), all zeros.
    /// </summary>
    public override byte[] Rent(int minimumLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minimumLength);
        if (minimumLength > LargestLength)
            return Make(minimumLength);

        int length = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(minimumLength, SmallestLength));
        Buffer? idle = _buckets[BucketIndex(length)].TryPop();
        if (idle is null)
            return Make(length);

        Volatile.Write(ref idle.IsRented, 1);
        return idle.Array;
    }

    /// <summary>Clears the array (always, whatever <paramref name="clearArray"/> says) and takes it back.</summary>
    /// <exception cref="ArgumentException">The array is not from this pool, or was returned already.</exception>
    public override void Return(byte[] array, bool clearArray = true)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (!_owned.TryGetValue(array, out Buffer? buffer))
            throw new ArgumentException("The array was not rented from this pool.", nameof(array));
        if (Interlocked.Exchange(ref buffer.IsRented, 0) == 0)
            throw new ArgumentException("The array was returned already.", nameof(array));

        CryptographicOperations.ZeroMemory(array);
        if (array.Length <= LargestLength)
            _buckets[BucketIndex(array.Length)].Push(buffer);
    }

    private static int BucketIndex(int length) => BitOperations.Log2((uint)length) - SmallestShift;

    private byte[] Make(int length)
    {
        byte[] array = GC.AllocateArray<byte>(length, pinned: true);
        _owned.Add(array, new Buffer(array) { IsRented = 1 });
        LibC.TryExcludeFromDumps(array);
        if (Interlocked.Add(ref _lockedBytes, length) > _lockBudgetBytes || !LibC.TryLock(array))
            Interlocked.Add(ref _lockedBytes, -length);
        return array;
    }

    /// <summary>An array and whether somebody holds it. The pool's table holds the array weakly: a lost one is collected.</summary>
    private sealed class Buffer(byte[] array)
    {
        public readonly byte[] Array = array;
        public int IsRented;
    }

    /// <summary>The idle arrays of one length.</summary>
    private sealed class Bucket
    {
        private readonly Lock _gate = new();
        private readonly Stack<Buffer> _idle = new(); // guarded by _gate

        public Buffer? TryPop()
        {
            lock (_gate)
                return _idle.TryPop(out Buffer? buffer) ? buffer : null;
        }

        public void Push(Buffer buffer)
        {
            lock (_gate)
                _idle.Push(buffer);
        }
    }
}
