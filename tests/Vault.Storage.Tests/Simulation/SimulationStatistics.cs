namespace Vault.Storage.Tests.Simulation;

/// <summary>What was simulated; counted by many threads.</summary>
internal sealed class SimulationStatistics
{
    private long _cases;
    private long _crashes;
    private long _faults;
    private long _operations;
    private long _mediumOperations;

    private long _replayedAppends;

    /// <summary>Appends of intent logs that openings brought back, again at each.</summary>
    public long ReplayedAppends => Volatile.Read(ref _replayedAppends);

    public long Faults => Volatile.Read(ref _faults);

    public void AddCase(long operations, long mediumOperations, long faults)
    {
        Interlocked.Increment(ref _cases);
        Interlocked.Add(ref _operations, operations);
        Interlocked.Add(ref _mediumOperations, mediumOperations);
        Interlocked.Add(ref _faults, faults);
    }

    public void Add(SimulationStatistics other)
    {
        Interlocked.Add(ref _cases, other._cases);
        Interlocked.Add(ref _crashes, other._crashes);
        Interlocked.Add(ref _faults, other._faults);
        Interlocked.Add(ref _operations, other._operations);
        Interlocked.Add(ref _mediumOperations, other._mediumOperations);
        Interlocked.Add(ref _replayedAppends, other._replayedAppends);
    }

    public void AddReplayed(long appends) => Interlocked.Add(ref _replayedAppends, appends);

    public void AddCrash() => Interlocked.Increment(ref _crashes);

    public override string ToString() =>
        $"{_cases} workloads, {_operations} operations, {_mediumOperations} operations of the medium, {_faults} failures of the host, {_crashes} crashes recovered from, {_replayedAppends} syncs replayed from the log";
}
