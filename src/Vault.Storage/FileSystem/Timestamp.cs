namespace Vault.Storage;

/// <summary>A point in time as POSIX has it: seconds since 1970-01-01 UTC (may be negative) and nanoseconds, 0 to 999,999,999.</summary>
public readonly record struct Timestamp(long Seconds, uint Nanoseconds)
{
    /// <summary>Whether it is an earlier point.</summary>
    public bool IsBefore(Timestamp other) => Seconds != other.Seconds ? Seconds < other.Seconds : Nanoseconds < other.Nanoseconds;
}
