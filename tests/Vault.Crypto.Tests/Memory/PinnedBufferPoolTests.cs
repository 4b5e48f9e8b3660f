namespace Vault.Crypto.Tests;

public sealed class PinnedBufferPoolTests
{
    // Goal: plaintext does not outlive its buffer, whatever the caller says about clearing.
    // Method: keep the reference, return the array, look at it and at the next one rented.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Return_clears_always(bool clearArray)
    {
        PinnedBufferPool pool = new();
        byte[] array = pool.Rent(4096);
        array.AsSpan().Fill(0xAA);
        pool.Return(array, clearArray);

        Assert.False(array.AsSpan().ContainsAnyExcept((byte)0));
        Assert.Same(array, pool.Rent(4096));
    }

    // Goal: lengths are the next power of two between the bounds, exact above them, zeroed.
    // Method: the boundaries of each bucket.
    [Fact]
    public void Rent_gives_the_next_power_of_two()
    {
        PinnedBufferPool pool = new();
        Assert.Equal(512, pool.Rent(0).Length);
        Assert.Equal(512, pool.Rent(512).Length);
        for (int length = 1024; length <= 2 << 20; length *= 2)
        {
            byte[] array = pool.Rent((length / 2) + 1);
            Assert.Equal(length, array.Length);
            Assert.Equal(length, pool.Rent(length).Length);
            Assert.False(array.AsSpan().ContainsAnyExcept((byte)0));
        }

        byte[] large = pool.Rent((2 << 20) + 1);
        Assert.Equal((2 << 20) + 1, large.Length);
        pool.Return(large);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(-1));
    }

    // Goal: arrays do not move, so that they can be locked and handed to the kernel.
    // Method: compare an element's address before and after a compacting collection.
    [Fact]
    public void Arrays_are_pinned()
    {
        byte[] array = new PinnedBufferPool().Rent(1000);
        nint before = System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(array, 0);
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);

        Assert.Equal(before, System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(array, 0));
    }

    // Goal: two renters never share an array: foreign arrays and second returns are refused.
    // Method: an array of fitting length from elsewhere, one from another pool, one returned twice.
    [Fact]
    public void Return_refuses_foreign_and_twice_returned_arrays()
    {
        PinnedBufferPool pool = new();
        Assert.Throws<ArgumentException>(() => pool.Return(new byte[4096]));
        Assert.Throws<ArgumentException>(() => pool.Return(new PinnedBufferPool().Rent(4096)));
        byte[] array = pool.Rent(4096);
        pool.Return(array);
        Assert.Throws<ArgumentException>(() => pool.Return(array));
    }

    // Goal: a warm pool allocates nothing.
    // Method: count this thread's allocated bytes over many rents of several lengths.
    [Fact]
    public void Rent_and_Return_allocate_nothing_when_warm()
    {
        PinnedBufferPool pool = new();
        RentAndReturn(pool, 10);
        long before = GC.GetAllocatedBytesForCurrentThread();
        RentAndReturn(pool, 1000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // Goal: what was needed at once is kept: no pinned garbage, and no lock on memory that nobody counts any more.
    // Method: return 2000 arrays at once; as many rented again must be the same ones, and count as locked once.
    [Fact]
    public void A_bucket_keeps_all_arrays()
    {
        PinnedBufferPool pool = new();
        HashSet<byte[]> burst = [.. Enumerable.Range(0, 2000).Select(_ => pool.Rent(16384))];
        long locked = pool.LockedBytes;
        foreach (byte[] array in burst)
            pool.Return(array);

        Assert.All(Enumerable.Range(0, 2000), _ => Assert.Contains(pool.Rent(16384), burst));
        Assert.Equal(locked, pool.LockedBytes);
    }

    // Goal: no array is handed to two threads at once.
    // Method: eight threads mark their arrays and look whether the mark stays.
    [Fact]
    public void Concurrent_renters_never_share_an_array()
    {
        PinnedBufferPool pool = new();
        int failures = 0;
        Threads.Run(8, id =>
        {
            for (int i = 0; i < 2000; i++)
            {
                byte[] array = pool.Rent(512 << (i % 3));
                if (array.AsSpan().ContainsAnyExcept((byte)0))
                    Interlocked.Increment(ref failures);
                array.AsSpan().Fill((byte)(id + 1));
                if (array.AsSpan().ContainsAnyExcept((byte)(id + 1)))
                    Interlocked.Increment(ref failures);
                pool.Return(array);
            }
        });

        Assert.Equal(0, failures);
    }

    // Goal: the pool leaves half of RLIMIT_MEMLOCK to the keys.
    // Method: rent more than the limit and compare what is locked.
    [Fact]
    public void Locked_bytes_stay_within_half_of_the_limit()
    {
        PinnedBufferPool pool = new();
        for (int i = 0; i < 20; i++)
            pool.Rent(2 << 20);
        ulong limit = Vault.Crypto.Interop.LibC.LockLimitBytes();

        Assert.InRange((ulong)pool.LockedBytes, 0UL, Math.Min(limit / 2, 256UL << 20));
        if (Environment.IsPrivilegedProcess && limit >= 8 << 20)
            Assert.True(pool.LockedBytes >= 2 << 20, "at least one buffer fits half of the limit, and root is never refused");
    }

    private static void RentAndReturn(PinnedBufferPool pool, int count)
    {
        for (int i = 0; i < count; i++)
        {
            byte[] small = pool.Rent(600);
            byte[] large = pool.Rent(100_000);
            pool.Return(small);
            pool.Return(large);
        }
    }
}
