using System.Globalization;
using System.Runtime.CompilerServices;

namespace Vault.Testing.Fuzzing;

/// <summary>
/// What the environment says about fuzzing. Taken out of it before the first test: to the program under test every variable that
/// begins with VAULTFS_ is a setting.
/// </summary>
internal static class FuzzVariables
{
    /// <summary>VAULTFS_FUZZ_SECONDS: how long each target is tried.</summary>
    public static TimeSpan Duration { get; private set; }

    /// <summary>VAULTFS_FUZZ_SEED: where the changes begin; drawn and reported if null.</summary>
    public static int? Seed { get; private set; }

    /// <summary>VAULTFS_FUZZ_INPUT: the only input to try, or null.</summary>
    public static string? Input { get; private set; }

    /// <summary>VAULTFS_FUZZ_WRITE_SEEDS: put today's valid inputs into the corpus.</summary>
    public static bool WritesSeeds { get; private set; }

    [ModuleInitializer]
    internal static void Take()
    {
        Duration = TimeSpan.FromSeconds(double.Parse(Take("VAULTFS_FUZZ_SECONDS") ?? "2", CultureInfo.InvariantCulture));
        Seed = Take("VAULTFS_FUZZ_SEED") is { } seed ? int.Parse(seed, CultureInfo.InvariantCulture) : null;
        Input = Take("VAULTFS_FUZZ_INPUT");
        WritesSeeds = Take("VAULTFS_FUZZ_WRITE_SEEDS") is not null;
    }

    private static string? Take(string name)
    {
        string? value = Environment.GetEnvironmentVariable(name);
        Environment.SetEnvironmentVariable(name, null);
        return string.IsNullOrEmpty(value) ? null : value;
    }
}
