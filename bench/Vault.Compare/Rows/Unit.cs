namespace Vault.Compare.Rows;

/// <summary>What a row's number is.</summary>
/// <param name="Label">For the table.</param>
/// <param name="HigherIsBetter">A rate, or else a time or a size.</param>
/// <param name="PerSecond">How many of the workload's units are one of this rate; 0 for what is no rate.</param>
/// <param name="CpuLabel">For what one the CPU time is stated.</param>
/// <param name="CpuUnits">How many of the workload's units that is.</param>
internal sealed record Unit(string Label, bool HigherIsBetter, double PerSecond, string CpuLabel, double CpuUnits)
{
    public static Unit Throughput { get; } = new("MB/s", true, 1e6, "MiB", 1 << 20);

    public static Unit Operations { get; } = new("IOPS", true, 1, "operation", 1);

    public static Unit Files { get; } = new("files/s", true, 1, "file", 1);

    public static Unit Appends { get; } = new("1/s", true, 1, "append", 1);

    /// <summary>Seconds of the whole.</summary>
    public static Unit Seconds { get; } = new("s", false, 0, "run", 1);

    public static Unit Commits { get; } = new("s", false, 0, "commit", 1);

    public static Unit Listing { get; } = new("s", false, 0, "file", 1);

    public static Unit Memory { get; } = new("MiB", false, 0, "", 1);

    /// <param name="units">Done by all clients.</param>
    /// <param name="seconds">From the first client's start to the last one's end.</param>
    public double Value(long units, double seconds) => PerSecond > 0 ? units / PerSecond / seconds : seconds;
}
