using System.Diagnostics;

namespace Vault.Storage.Tests.Simulation;

/// <summary>Runs cases, several at once, until one fails or the time is over.</summary>
internal sealed class Simulator(SimulationSettings settings, Func<int, SimulationCase> caseOf)
{
    private const int MaxShrinkingAttempts = 3000;

    private readonly Lock _lock = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private int _next;
    private SimulationCase? _failed;
    private Exception? _failure;

    public SimulationStatistics Statistics { get; } = new();

    /// <exception cref="SimulationException">A case fails: its shortest form, and the command that does it again.</exception>
    public void Run()
    {
        List<Thread> threads = [.. Enumerable.Range(0, settings.Jobs).Select(_ => new Thread(Work))];
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        string last = settings.NewSeeds is { } first && _next > settings.Seeds.Count ? $", new ones from {first} to {first + _next - settings.Seeds.Count - 1}" : "";
        Console.WriteLine($"Simulation: {settings.Seeds.Count} given seeds{last}: {Statistics}, in {_watch.Elapsed.TotalSeconds:F0} s.");
        if (_failed is not null)
        {
            Console.WriteLine($"Seed {_failed.Seed} fails: {_failure!.Message}\nAgain: {SimulationSettings.CommandFor(_failed.Seed)}");
            throw Shrunk(_failed, _failure);
        }
    }

    public static SimulationException Shrunk(SimulationCase failed, Exception failure)
    {
        Shrinker shrinker = new(o => FailureOf(failed with { Operations = o }) is not null, MaxShrinkingAttempts);
        SimulationCase shortest = failed with { Operations = shrinker.Shrink(failed.Operations) };
        Exception last = FailureOf(shortest) ?? failure;
        return new SimulationException(
            $"{last.Message}\nThe shortest workload that fails:\n{shortest}", last);
    }

    public static Exception? FailureOf(SimulationCase @case)
    {
        try
        {
            @case.Run();
            return null;
        }
#pragma warning disable CA1031 // Whatever the vault throws is a finding.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    private void Work()
    {
        while (Next() is { } seed)
        {
            SimulationCase @case = caseOf(seed);
            try
            {
                @case.Run(Statistics);
            }
#pragma warning disable CA1031 // Whatever the vault throws is a finding.
            catch (Exception e)
#pragma warning restore CA1031
            {
                lock (_lock)
                {
                    _failed ??= @case;
                    _failure ??= e;
                }
            }
        }
    }

    private int? Next()
    {
        lock (_lock)
        {
            if (_failed is not null)
                return null;
            int index = _next - settings.Seeds.Count;
            if (index >= 0 && (settings.NewSeeds is null || _watch.Elapsed >= settings.Duration))
                return null;
            return _next++ < settings.Seeds.Count ? settings.Seeds[_next - 1] : settings.NewSeeds + index;
        }
    }
}
