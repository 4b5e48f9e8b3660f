namespace Vault.Storage;

/// <summary>Shows what the log says among what states say, in the order of keys, and in place of it where both speak of a key.</summary>
internal sealed class SalvageLogLayer(SalvageLog log, TreeKey low, TreeKey end, ISalvageVisitor visitor) : ISalvageVisitor
{
    private readonly TreeKey[] _keys = log.KeysIn(low, end).ToArray();
    private int _next;

    public void OnEntry(int state, in TreeKey key, ReadOnlySpan<byte> value)
    {
        ShowBelow(key);
        bool isLogged = _next < _keys.Length && _keys[_next].CompareTo(key) == 0;
        if (isLogged)
            _next++;
        if (isLogged && log.TryGet(key, out _))
            Show(key);
        else
            visitor.OnEntry(state, key, value);
    }

    public void OnUnreadable(int state, in TreeKey rangeLow, in TreeKey rangeEnd, bool isLost)
    {
        ShowBelow(rangeLow);
        TreeKey from = rangeLow;
        while (isLost && _next < _keys.Length && _keys[_next].CompareTo(rangeEnd) < 0)
        {
            TreeKey key = _keys[_next];
            if (from.CompareTo(key) < 0)
                visitor.OnUnreadable(state, from, key, isLost);
            Show(key);
            _next++;
            from = key.Item < ulong.MaxValue ? new TreeKey(key.Table, key.Object, key.Item + 1) : rangeEnd;
        }

        if (from.CompareTo(rangeEnd) < 0)
            visitor.OnUnreadable(state, from, rangeEnd, isLost);
    }

    /// <summary>Nothing comes any more.</summary>
    public void End() => ShowBelow(end);

    private void ShowBelow(in TreeKey key)
    {
        while (_next < _keys.Length && _keys[_next].CompareTo(key) < 0)
            Show(_keys[_next++]);
    }

    // A chunk of which the log has blocks alone, and whose record was not met, is lost but for these.
    private void Show(in TreeKey key)
    {
        if (!log.TryGet(key, out byte[]? value))
            visitor.OnEntry(0, key, default);
        else if (value is not null)
            visitor.OnEntry(0, key, value);
    }
}
