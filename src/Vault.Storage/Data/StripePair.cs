namespace Vault.Storage;

/// <summary>The stripes of two inodes, perhaps the same one, locked exclusively in the order of their places: no two threads wait for each other.</summary>
internal readonly ref struct StripePair : IDisposable
{
    private readonly DataStripe _first;
    private readonly DataStripe? _second;

    public StripePair(DataStripe one, DataStripe other)
    {
        _first = one.Index <= other.Index ? one : other;
        _second = one == other ? null : one.Index <= other.Index ? other : one;
        _first.Lock.EnterWriteLock();
        _second?.Lock.EnterWriteLock();
    }

    public void Dispose()
    {
        _second?.Lock.ExitWriteLock();
        _first.Lock.ExitWriteLock();
    }
}
