using System.Globalization;

namespace Vault.Storage.Tests;

/// <summary>How long and with which seed: tests/stress.sh sets the variables.</summary>
internal static class StressSettings
{
    public static int Seed { get; } = Read("VAULTFS_STRESS_SEED", 1);

    public static TimeSpan Duration(int defaultSeconds) => TimeSpan.FromSeconds(Read("VAULTFS_STRESS_SECONDS", defaultSeconds));

    private static int Read(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}
