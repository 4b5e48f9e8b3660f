namespace Vault.Crypto;

/// <summary>Cost of Argon2id (RFC 9106). Unchecked: from a header until <see cref="IsWithinBounds"/>.</summary>
/// <param name="MemoryKib">Memory in KiB.</param>
/// <param name="Iterations">Passes over the memory.</param>
/// <param name="Lanes">Lanes, each computed by a thread of its own.</param>
public readonly record struct Argon2Parameters(uint MemoryKib, uint Iterations, uint Lanes)
{
    /// <summary>Least memory: that of RFC 9106's second recommended option.</summary>
    public const uint LeastMemoryKib = 64 * 1024;

    /// <summary>Most memory that a header may ask for: 4 GiB.</summary>
    public const uint MostMemoryKib = 4 * 1024 * 1024;

    /// <summary>Most passes.</summary>
    public const uint MostIterations = 64;

    /// <summary>Most lanes.</summary>
    public const uint MostLanes = 16;

    /// <summary>Most memory times passes, in KiB: 32 passes over 1 GiB, about half a minute.</summary>
    public const ulong MostWorkKib = 32UL * 1024 * 1024;

    /// <summary>Least memory that <see cref="Calibrate"/> returns.</summary>
    public const uint DefaultMemoryKib = 256 * 1024;

    /// <summary>Most memory that <see cref="Calibrate"/> returns: a vault must open on a smaller machine too.</summary>
    private const uint CalibratedMemoryKib = 1024 * 1024;

    /// <summary>
    /// Fewest passes that <see cref="Calibrate"/> returns, even if they take longer than was asked for: on a machine that is busy
    /// at the moment a pass seems to cost more than it does. More memory is taken only while this many passes over it fit in
    /// the time. The number is that of RFC 9106, section 4, second recommended option.
    /// </summary>
    private const uint LeastCalibratedIterations = 3;

    /// <summary>The floor in force. Lowered by tests, which derive thousands of keys; never by the program.</summary>
    internal static uint MemoryFloorKib { get; set; } = LeastMemoryKib;

    /// <summary>Whether the values lie between this project's floors and ceilings; checked before any memory is allocated.</summary>
    public bool IsWithinBounds =>
        MemoryKib >= MemoryFloorKib && MemoryKib <= MostMemoryKib
        && Iterations >= 1 && Iterations <= MostIterations
        && Lanes >= 1 && Lanes <= MostLanes
        && (ulong)MemoryKib * Iterations <= MostWorkKib;

    /// <summary>Finds the cost that takes about <paramref name="target"/> on this machine, never under three passes over 256 MiB.</summary>
    /// <param name="target">Wall-clock time of one derivation.</param>
    /// <param name="time">Measures the trial derivation.</param>
    /// <exception cref="KeyDerivationException">The trial derivation failed.</exception>
    public static Argon2Parameters Calibrate(TimeSpan target, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        uint lanes = (uint)Math.Min(4, Environment.ProcessorCount);
        Argon2Parameters trial = new(DefaultMemoryKib, 1, lanes);
        Span<byte> output = stackalloc byte[Aead.KeySize];
        ReadOnlySpan<byte> salt = "calibration salt"u8;

        long start = time.GetTimestamp();
        Argon2id.Derive("calibration"u8, salt, trial, output);
        TimeSpan pass = time.GetElapsedTime(start);
        return Fit(target, pass, lanes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }

    /// <summary>Memory first, in doublings up to an eighth of what the machine has; then passes.</summary>
    /// <param name="target">Time wanted.</param>
    /// <param name="pass">Time of one pass over <see cref="DefaultMemoryKib"/>.</param>
    /// <param name="lanes">Lanes of both.</param>
    /// <param name="availableBytes">Memory of the machine.</param>
    internal static Argon2Parameters Fit(TimeSpan target, TimeSpan pass, uint lanes, long availableBytes)
    {
        uint memoryKib = DefaultMemoryKib;
        while (memoryKib < CalibratedMemoryKib && memoryKib * 2L * 1024 <= availableBytes / 8 && pass * 2 * LeastCalibratedIterations <= target)
        {
            memoryKib *= 2;
            pass *= 2;
        }

        double passes = pass > TimeSpan.Zero ? Math.Round(target / pass) : MostIterations;
        double most = Math.Min(MostIterations, MostWorkKib / memoryKib);
        return new Argon2Parameters(memoryKib, (uint)Math.Clamp(passes, LeastCalibratedIterations, most), lanes);
    }
}
