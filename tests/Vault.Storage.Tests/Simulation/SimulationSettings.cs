using System.Globalization;
using System.Security.Cryptography;

namespace Vault.Storage.Tests.Simulation;

/// <summary>How much is simulated: a bounded run, or what <c>tests/simulate.sh</c> asks for in the environment.</summary>
/// <param name="Seeds">First these.</param>
/// <param name="NewSeeds">Then those from here on, until the time is over; null: none.</param>
/// <param name="Duration">After it no new case begins.</param>
/// <param name="Jobs">Cases at once.</param>
internal sealed record SimulationSettings(IReadOnlyList<int> Seeds, int? NewSeeds, TimeSpan Duration, int Jobs)
{
    private const int FixedSeedCount = 150;

    /// <summary>Without anything in the environment: seeds that never change, and then new ones, so that every run looks somewhere else too.</summary>
    public static SimulationSettings FromEnvironment()
    {
        int jobs = (int)(Number("VAULTFS_SIM_JOBS") ?? Environment.ProcessorCount);
        double? minutes = Number("VAULTFS_SIM_MINUTES");
        if (Number("VAULTFS_SIM_SEED") is { } seed)
            return minutes is { } time ? new([], (int)seed, TimeSpan.FromMinutes(time), jobs) : new([(int)seed], null, TimeSpan.MaxValue, jobs);
        return new([.. Enumerable.Range(1, FixedSeedCount)], RandomNumberGenerator.GetInt32(1_000_000, 1_000_000_000), TimeSpan.FromMinutes(minutes ?? 1.5), jobs);
    }

    /// <summary>The one command that does a case again.</summary>
    public static string CommandFor(int seed) => $"tests/simulate.sh --seed {seed.ToString(CultureInfo.InvariantCulture)}";

    private static double? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;
}
