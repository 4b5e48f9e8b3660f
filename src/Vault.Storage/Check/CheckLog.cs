namespace Vault.Storage;

/// <summary>Where the parts of a check put what they find and how far they are.</summary>
internal sealed class CheckLog(Action<CheckFinding> onFinding, IProgress<CheckProgress>? progress, CancellationToken cancellation)
{
    private const long ProgressStepBytes = 4 << 20;

    private readonly SortedDictionary<CheckFindingKind, long> _counts = [];
    private long _findings;
    private long _reportedBytes;

    public long TotalBytes { get; set; }

    public long DoneBytes { get; private set; }

    /// <summary>Runs now and then; throws to end the check.</summary>
    public Action? Interrupt { get; init; }

    /// <summary>Is told of chunks of a file whose records are lost.</summary>
    public Action<LostRun>? OnLostRun { get; init; }

    public IReadOnlyDictionary<CheckFindingKind, long> Counts => _counts;

    public void Add(CheckFindingKind kind, ulong inode, string? path, long offsetBytes, long lengthBytes, string detail)
    {
        _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        _findings++;
        onFinding(new CheckFinding(kind, inode, path, offsetBytes, lengthBytes, detail));
    }

    /// <summary>A finding about a place in the container.</summary>
    public void Add(CheckFindingKind kind, in BlockPointer pointer, string detail) =>
        Add(kind, 0, null, PlaceOf(pointer.Address), pointer.SizeOfUnit, detail);

    public static long PlaceOf(BlockAddress address) => address.OffsetBytes;

    public void Advance(long bytes)
    {
        cancellation.ThrowIfCancellationRequested();
        Interrupt?.Invoke();
        DoneBytes += bytes;
        if (DoneBytes - _reportedBytes >= ProgressStepBytes)
            Report();
    }

    public void Report()
    {
        _reportedBytes = DoneBytes;
        progress?.Report(new CheckProgress(DoneBytes, Math.Max(TotalBytes, DoneBytes), _findings));
    }
}
