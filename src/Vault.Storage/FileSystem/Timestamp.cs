namespace Vault.Storage;

/// <summary>A point in time as POSIX has it: seconds since 1970-01-01 UTC (may be negative) and nanoseconds, 0 to 999,999,999.</summary>
public readonly record struct Timestamp(long Seconds, uint Nanoseconds);
