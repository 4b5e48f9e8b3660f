namespace Vault.Crypto.Tests;

public sealed class Argon2ParametersTests
{
    private const uint MiB = 1024;
    private const long Plenty = 64L << 30;

    // Goal: a hostile header cannot ask for terabytes or hours, nor a careless program for a weak slot.
    // Method: values at and just beyond each bound.
    [Theory]
    [InlineData(64 * MiB, 1, 1, true)]
    [InlineData(64 * MiB - 1, 1, 1, false)]
    [InlineData(0, 1, 1, false)]
    [InlineData(4096 * MiB, 8, 4, true)]
    [InlineData(4096 * MiB, 9, 4, false)]
    [InlineData(4096 * MiB + 1, 1, 4, false)]
    [InlineData(uint.MaxValue, uint.MaxValue, uint.MaxValue, false)]
    [InlineData(64 * MiB, 0, 1, false)]
    [InlineData(64 * MiB, 64, 1, true)]
    [InlineData(64 * MiB, 65, 1, false)]
    [InlineData(64 * MiB, 1, 0, false)]
    [InlineData(64 * MiB, 1, 16, true)]
    [InlineData(64 * MiB, 1, 17, false)]
    public void Bounds(uint memoryKib, uint iterations, uint lanes, bool expected)
    {
        Argon2Parameters parameters = new(memoryKib, iterations, lanes);
        Assert.Equal(expected, parameters.IsWithinBounds);
        if (!expected)
            Assert.Throws<ArgumentOutOfRangeException>(() => Argon2id.Derive("p"u8, "saltsalt"u8, parameters, new byte[32]));
    }

    // Goal: what calibration returns is always within bounds, at least three passes over 256 MiB, and otherwise near the time
    // asked for: a machine that is busy or slow makes no weak slot.
    // Method: machines from very slow to infinitely fast, with little and much memory.
    [Theory]
    [InlineData(100, Plenty, 512 * MiB, 5)] // 100 ms a pass over 256 MiB: three passes over 512 MiB fit in a second, over 1 GiB not
    [InlineData(50, Plenty, 1024 * MiB, 5)]
    [InlineData(50, 2L << 30, 256 * MiB, 20)] // an eighth of 2 GiB is all that may be taken
    [InlineData(400, Plenty, 256 * MiB, 3)]
    [InlineData(5000, Plenty, 256 * MiB, 3)]
    [InlineData(0, Plenty, 1024 * MiB, 32)]
    public void Fit_takes_memory_first_then_passes(int passMs, long availableBytes, uint memoryKib, uint iterations)
    {
        Argon2Parameters fitted = Argon2Parameters.Fit(TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(passMs), 2, availableBytes);
        Assert.Equal(new Argon2Parameters(memoryKib, iterations, 2), fitted);
        Assert.True(fitted.IsWithinBounds);
    }

    // Goal: calibration measures with the clock it was given.
    // Method: a clock on which each reading is 100 ms after the one before.
    [Fact]
    public void Calibrate_uses_the_clock_handed_in()
    {
        Argon2Parameters parameters = Argon2Parameters.Calibrate(TimeSpan.FromSeconds(1), new SteppingTime(100));
        Argon2Parameters expected = Argon2Parameters.Fit(
            TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(100), (uint)Math.Min(4, Environment.ProcessorCount), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        Assert.Equal(expected, parameters);
        Assert.True(parameters.IsWithinBounds);
    }

    // Goal: a machine that cannot run the derivation is told apart, in words that help.
    // Method: the library's error codes, and one call that it refuses.
    [Fact]
    public void Failures_of_the_library_are_typed()
    {
        Argon2Parameters parameters = new(256 * MiB, 1, 4);
        Assert.Equal(KeyDerivationFailure.OutOfMemory, Argon2id.ExceptionOf(-22, parameters).Failure);
        Assert.Contains("256 MiB", Argon2id.ExceptionOf(-22, parameters).Message, StringComparison.Ordinal);
        Assert.Equal(KeyDerivationFailure.NoThreads, Argon2id.ExceptionOf(-33, parameters).Failure);
        KeyDerivationException refused = Assert.Throws<KeyDerivationException>(
            () => Argon2id.DeriveUnchecked("p"u8, "short"u8, parameters, new byte[32]));
        Assert.Equal(KeyDerivationFailure.Refused, refused.Failure);
        Assert.Contains("alt is too short", refused.Message, StringComparison.OrdinalIgnoreCase);
    }

    private sealed class SteppingTime(int stepMs) : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _now += stepMs;
    }
}
