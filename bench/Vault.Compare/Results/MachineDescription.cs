using Vault.Compare.Systems;

namespace Vault.Compare.Results;

/// <summary>Where it was measured.</summary>
/// <param name="Date">Of the start, UTC.</param>
/// <param name="Kernel">Version.</param>
/// <param name="Distribution">Its name.</param>
/// <param name="Cpu">Model.</param>
/// <param name="CpuCount">How many.</param>
/// <param name="MemoryGib">Main memory.</param>
/// <param name="BackingFileSystem">The type of file system in which the containers lie.</param>
/// <param name="Load">Load average over a minute before the start: what else ran.</param>
/// <param name="Runtime">.NET.</param>
internal sealed record MachineDescription(
    string Date, string Kernel, string Distribution, string Cpu, int CpuCount, double MemoryGib, string BackingFileSystem, double Load, string Runtime)
{
    public static MachineDescription Read(string directory) => new(
        DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture),
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        Field("/etc/os-release", "PRETTY_NAME", '=').Trim('"'),
        Field("/proc/cpuinfo", "model name", ':'),
        Environment.ProcessorCount,
        Math.Round(long.Parse(Field("/proc/meminfo", "MemTotal", ':').Split(' ')[0], CultureInfo.InvariantCulture) / (1024.0 * 1024), 1),
        Mounts.FileSystemType(directory),
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture),
        System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription);

    private static string Field(string file, string name, char separator) =>
        File.ReadLines(file).Select(line => line.Split(separator, 2)).FirstOrDefault(parts => parts.Length == 2 && parts[0].Trim() == name)?[1].Trim() ?? "unknown";
}
