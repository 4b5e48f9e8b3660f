using Microsoft.Extensions.Logging;
using Vault.Fuse.Dispatch;

namespace Vault.Fuse.Mount;

/// <summary>
/// Raises what the kernel grants a mount of FUSE: 128 KiB of readahead, 1 % of memory for dirty pages. Only root can; elsewhere
/// it stays slower.
/// </summary>
internal static class BdiTuning
{
    private static readonly (string Name, string Value)[] Settings =
    [
        ("read_ahead_kb", "1024"),
        ("max_ratio", "100"),
        ("strict_limit", "0"),
    ];

    /// <summary>Tunes a mount, as far as possible.</summary>
    /// <param name="device">Its <c>st_dev</c> as "major:minor".</param>
    /// <param name="logger">Told what failed.</param>
    public static void Apply(string device, ILogger logger)
    {
        foreach ((string name, string value) in Settings)
        {
            try
            {
                File.WriteAllText($"/sys/class/bdi/{device}/{name}", value);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                FuseLog.TuningFailed(logger, name, e.Message);
            }
        }
    }
}
