namespace Vault.Crypto.Tests;

public sealed class SealingSessionTests
{
    private const int ThreadCount = 8;

    // Goal: a (key, nonce) pair is never drawn twice, also while threads race through changes of the salt.
    // Method: eight threads seal through a session that rotates after 3 seals; everything drawn is recorded, and every
    // unit opens.
    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    [InlineData(1000)]
    public void Concurrent_seals_never_repeat_a_nonce(int sealLimit)
    {
        const int SealsPerThread = 500;
        NonceRecorder recorder = new();
        SealingSession.NonceObserver.Value = recorder;
        using TestVault vault = new(CipherSuite.Aes256Gcm);
        using SealingSession session = vault.NewSession((ulong)sealLimit);
        SealingSession.NonceObserver.Value = null;
        int failures = 0;

        Threads.Run(ThreadCount, thread =>
        {
            byte[] plaintext = new byte[64];
            byte[] sealedBytes = new byte[64];
            byte[] opened = new byte[64];
            for (int i = 0; i < SealsPerThread; i++)
            {
                plaintext.AsSpan().Fill((byte)((thread + i) & 0xFF));
                SealKind kind = (SealKind)(1 + (i % 6));
                SealStamp stamp = session.Seal(kind, plaintext, sealedBytes);
                if (!vault.Cipher.TryOpen(kind, stamp, sealedBytes, opened) || !opened.AsSpan().SequenceEqual(plaintext))
                    Interlocked.Increment(ref failures);
            }
        });

        Assert.Equal(0, failures);
        Assert.Equal(0, recorder.Repeats);
        Assert.Equal(ThreadCount * SealsPerThread, recorder.Count);
        Assert.All(recorder.Drawn, d => Assert.InRange(d.Sequence, 1UL, (ulong)sealLimit));
        int salts = recorder.Drawn.Select(d => d.Salt).Distinct().Count();
        Assert.Equal((ThreadCount * SealsPerThread + sealLimit - 1) / sealLimit, salts);
    }

    // Goal: as above, where threads meet most often: at the counter itself.
    // Method: four threads seal empty units as fast as they can; all sequences together must be 1, 2, 3, ... A counter that
    // is not atomic fails this.
    [Fact]
    public void Concurrent_draws_number_without_gap_or_repeat()
    {
        const int DrawCount = 50_000;
        using TestVault vault = new(CipherSuite.Aes256Gcm);
        ulong[][] drawn = [.. Enumerable.Range(0, 4).Select(_ => new ulong[DrawCount])];
        Threads.Run(drawn.Length, thread =>
        {
            for (int i = 0; i < DrawCount; i++)
                drawn[thread][i] = vault.Session.Seal(SealKind.Chunk, [], []).Sequence;
        });

        ulong expected = 0;
        foreach (ulong sequence in drawn.SelectMany(d => d).Order())
            Assert.Equal(++expected, sequence);
    }

    // Goal: the watch for repeated nonces works: it fails when a nonce does come back.
    // Method: two sessions whose random source gives the same salt.
    [Fact]
    public void A_repeated_salt_is_seen_by_the_observer()
    {
        NonceRecorder recorder = new();
        SealingSession.NonceObserver.Value = recorder;
        using TestVault first = new(CipherSuite.Aes256Gcm, seed: 7);
        using TestVault second = new(CipherSuite.Aes256Gcm, seed: 7);
        SealingSession.NonceObserver.Value = null;
        first.Session.Seal(SealKind.Chunk, new byte[16], new byte[16]);
        second.Session.Seal(SealKind.Chunk, new byte[16], new byte[16]);

        Assert.Equal(1, recorder.Repeats);
    }

    // Goal: a broken random source cannot make a session continue under the same key.
    // Method: a source of constant bytes; the second salt equals the first.
    [Fact]
    public void A_salt_repeated_at_rotation_stops_the_session()
    {
        using TestVault vault = new(CipherSuite.Aes256Gcm);
        using SealingSession session = new(vault.Cipher, new ConstantRandom(), sealLimit: 2);
        session.Seal(SealKind.Chunk, new byte[16], new byte[16]);
        session.Seal(SealKind.Chunk, new byte[16], new byte[16]);

        Assert.Throws<InvalidOperationException>(() => session.Seal(SealKind.Chunk, new byte[16], new byte[16]));
    }

    // Goal: the salt that names a session stays the same over rotations, the first stamp carries it, sequences begin at 1.
    // Method: seal past the limit.
    [Fact]
    public void Salt_is_the_first_one_drawn()
    {
        using TestVault vault = new(CipherSuite.Aes256Gcm);
        using SealingSession session = vault.NewSession(sealLimit: 2);
        UInt128 salt = session.Salt;
        SealStamp[] stamps = new SealStamp[3];
        for (int i = 0; i < stamps.Length; i++)
            stamps[i] = session.Seal(SealKind.Leaf, new byte[16], new byte[16]);

        Assert.Equal(salt, session.Salt);
        Assert.Equal([salt, salt], [stamps[0].Salt, stamps[1].Salt]);
        Assert.NotEqual(salt, stamps[2].Salt);
        Assert.Equal([1UL, 2UL, 1UL], stamps.Select(s => s.Sequence));
    }

    // Goal: data of many more sessions than are cached can be read by several threads at once: keys that are dropped from
    // the cache are not wiped under a reader.
    // Method: 40 sessions, a cache of 4, eight threads opening in different orders.
    [Fact]
    public void Keys_dropped_from_the_cache_stay_whole_while_in_use()
    {
        using TestVault vault = new(CipherSuite.Aes256Gcm, sessionCapacity: 4);
        byte[] plaintext = vault.RandomBytes(256);
        List<(SealStamp Stamp, byte[] Bytes)> units = [];
        for (int i = 0; i < 40; i++)
        {
            using SealingSession session = vault.NewSession();
            byte[] sealedBytes = new byte[256];
            units.Add((session.Seal(SealKind.Chunk, plaintext, sealedBytes), sealedBytes));
        }

        int failures = 0;
        Threads.Run(ThreadCount, thread =>
        {
            byte[] opened = new byte[256];
            for (int i = 0; i < 400; i++)
            {
                (SealStamp stamp, byte[] bytes) = units[(thread * 13 + i * 7) % units.Count];
                if (!vault.Cipher.TryOpen(SealKind.Chunk, stamp, bytes, opened) || !opened.AsSpan().SequenceEqual(plaintext))
                    Interlocked.Increment(ref failures);
            }
        });

        Assert.Equal(0, failures);
        Assert.InRange(vault.Cipher.CachedSessionCount, 1, 4);
    }

    // Goal: use after disposal is an error, and disposing while threads seal and open ends in that error only.
    // Method: eight threads, half sealing and half opening, each in a loop until it meets it.
    [Fact]
    public void Disposal_under_use_ends_in_ObjectDisposedException()
    {
        TestVault vault = new(CipherSuite.Aes256Gcm);
        SealStamp known = vault.Session.Seal(SealKind.Chunk, new byte[64], new byte[64]);
        int ended = 0;
        using ManualResetEventSlim warm = new();
        Thread disposer = new(() =>
        {
            warm.Wait();
            vault.Dispose();
        });
        disposer.Start();
        Threads.Run(ThreadCount, thread =>
        {
            byte[] sealedBytes = new byte[64];
            byte[] opened = new byte[64];
            try
            {
                for (int i = 0; ; i++)
                {
                    if (thread % 2 == 0)
                        vault.Session.Seal(SealKind.Chunk, opened, sealedBytes);
                    else
                        vault.Cipher.TryOpen(SealKind.Chunk, known, sealedBytes, opened);
                    vault.Cipher.HashName("name"u8);
                    if (i == 100)
                        warm.Set();
                }
            }
            catch (ObjectDisposedException)
            {
                Interlocked.Increment(ref ended);
            }
        });
        disposer.Join();

        Assert.Equal(ThreadCount, ended);
    }

    private sealed class ConstantRandom : RandomSource
    {
        public override void Fill(Span<byte> destination) => destination.Fill(0x5A);
    }
}
