namespace Vault.Compare.Work;

/// <summary>What a client measured.</summary>
/// <param name="Units">Units done.</param>
/// <param name="Started">Timestamp of the monotonic clock, in its ticks: comparable between processes.</param>
/// <param name="Ended">Likewise.</param>
/// <param name="CpuMicroseconds">Of the client and the programs that it ran, user and system.</param>
internal sealed record WorkResult(long Units, long Started, long Ended, long CpuMicroseconds);
