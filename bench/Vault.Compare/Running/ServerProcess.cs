namespace Vault.Compare.Running;

/// <summary>What the kernel says of a server, all its threads included.</summary>
internal static class ServerProcess
{
    // /proc/PID/stat counts in hundredths of a second, USER_HZ, on every architecture that .NET runs on.
    private const long MicrosecondsInTick = 10_000;

    // Fields behind the command's name: utime and stime are the 14th and 15th of all.
    private const int UserField = 11;
    private const int SystemField = 12;

    /// <summary>User and system time since its start, to 10 ms; 0 for none.</summary>
    public static long CpuMicroseconds(int? process)
    {
        if (process is null)
            return 0;
        string stat = File.ReadAllText($"/proc/{process}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[UserField], CultureInfo.InvariantCulture) + long.Parse(fields[SystemField], CultureInfo.InvariantCulture)) * MicrosecondsInTick;
    }

    /// <summary>The peak of resident memory begins anew, so that what deriving a key took is not in it.</summary>
    public static void ResetPeak(int process) => File.WriteAllText($"/proc/{process}/clear_refs", "5");

    /// <summary>VmHWM, in MiB.</summary>
    public static double PeakMib(int process)
    {
        string line = File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
    }
}
