namespace Vault.Storage.Tests.Simulation;

/// <summary>What was simulated; counted by many threads.</summary>
internal sealed class SimulationStatistics
{
    private long _cases;
    private long _crashes;
    private long _faults;
    private long _operations;
    private long _mediumOperations;

    public long Crashes => Volatile.Read(ref _crashes);

    public void AddCase(long operations, long mediumOperations, long faults)
    {
        Interlocked.Increment(ref _cases);
        Interlocked.Add(ref _operations, operations);
        Interlocked.Add(ref _mediumOperations, mediumOperations);
        Interlocked.Add(ref _faults, faults);
    }

    public void AddCrash() => Interlocked.Increment(ref _crashes);

    public override string ToString() =>
        $"{_cases} workloads, {_operations} operations, {_mediumOperations} operations of the medium, {_faults} failures of the host, {_crashes} crashes recovered from";
}
