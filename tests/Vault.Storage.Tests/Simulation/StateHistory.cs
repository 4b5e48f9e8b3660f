namespace Vault.Storage.Tests.Simulation;

/// <summary>The states that a vault may be found in: from the last one that was promised to be durable to the last that was tried.</summary>
internal sealed class StateHistory
{
    private readonly List<ModelFileSystem> _states = [new()];
    private (Operation Operation, long Time)? _underWay;

    /// <summary>What the vault in use holds.</summary>
    public ModelFileSystem Current { get; private set; } = new();

    /// <summary>Oldest first. If an operation is under way, the newest is that after it.</summary>
    public IReadOnlyList<ModelFileSystem> Allowed()
    {
        ModelFileSystem last = Current.Clone();
        if (_underWay is not { } attempt || last.Apply(attempt.Operation, attempt.Time) != Errno.None)
            return [.. _states];
        return [.. _states, last];
    }

    /// <summary>An operation is tried: until <see cref="Apply"/> or <see cref="Refuse"/> nobody knows whether it was done.</summary>
    public void Begin(in Operation operation, long time) => _underWay = (operation, time);

    /// <summary>The operation was done, or refused for a reason of its own.</summary>
    /// <returns>The outcome that it must have had.</returns>
    public Errno Apply()
    {
        (Operation operation, long time) = _underWay!.Value;
        _underWay = null;
        Errno outcome = Current.Apply(operation, time);
        if (outcome == Errno.None)
            _states.Add(Current.Clone());
        return outcome;
    }

    /// <summary>The world was against it: nothing was changed.</summary>
    public void Refuse() => _underWay = null;

    /// <summary>All so far is promised.</summary>
    public void MakeDurable() => _states.RemoveRange(0, _states.Count - 1);

    /// <summary>Goes on from what was found after a crash.</summary>
    /// <param name="found">What is there.</param>
    /// <param name="isDurable">Whether it is on the disk, not only in the cache of a host that lived on.</param>
    public void GoOnFrom(ModelFileSystem found, bool isDurable)
    {
        IReadOnlyList<ModelFileSystem> allowed = Allowed();
        int index = IndexOf(allowed, found);
        _underWay = null;
        _states.Clear();
        _states.AddRange(allowed.Take(index + 1));
        if (isDurable)
            MakeDurable();
        Current = _states[^1].Clone();
        CloseAll();
    }

    /// <summary>The process ended: nobody has a file open.</summary>
    public void CloseAll()
    {
        Current.CloseAll();
        _states.ForEach(s => s.CloseAll());
    }

    /// <summary>Which of the allowed states was found; none of them is a failure.</summary>
    public static int IndexOf(IReadOnlyList<ModelFileSystem> allowed, ModelFileSystem found)
    {
        for (int i = allowed.Count - 1; i >= 0; i--)
        {
            if (ModelDifference.Between(allowed[i], found) is null)
                return i;
        }

        throw new SimulationException(
            $"What is found is none of the {allowed.Count} states that it may be. The oldest differs: {ModelDifference.Between(allowed[0], found)}. "
            + $"The newest differs: {ModelDifference.Between(allowed[^1], found)}.");
    }
}
