using System.Text;

namespace Vault.Storage.Tests.Simulation;

/// <summary>All that determines a run.</summary>
internal sealed record SimulationCase(
    int Seed, int ChunkSize, long PageCacheBytes, long DirtyDataBytes, IReadOnlyList<Operation> Operations)
{
    /// <summary>As it is written in C#: to become a test of its own.</summary>
    public override string ToString()
    {
        StringBuilder text = new($"new SimulationCase({Seed}, {ChunkSize}, {PageCacheBytes}, {DirtyDataBytes},\n[\n");
        foreach (Operation operation in Operations)
            text.Append("    ").Append(operation).Append('\n');
        return text.Append("]).Run();\n").ToString();
    }

    public void Run(SimulationStatistics? statistics = null)
    {
        using SimulationRun run = new(this, statistics ?? new SimulationStatistics());
        run.Execute();
    }
}
