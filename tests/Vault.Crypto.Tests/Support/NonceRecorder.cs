using System.Collections.Concurrent;

namespace Vault.Crypto.Tests;

/// <summary>Keeps every (vault, salt, key, sequence) that was drawn and counts repeats.</summary>
internal sealed class NonceRecorder : INonceObserver
{
    private readonly ConcurrentDictionary<(VaultId, UInt128, UnitKey, ulong), int> _drawn = new();
    private int _repeats;

    public int Repeats => Volatile.Read(ref _repeats);

    public int Count => _drawn.Count;

    public IEnumerable<(VaultId Id, UInt128 Salt, UnitKey Key, ulong Sequence)> Drawn => _drawn.Keys;

    public void OnDrawn(VaultId id, UInt128 salt, UnitKey key, ulong sequence)
    {
        if (!_drawn.TryAdd((id, salt, key, sequence), 0))
            Interlocked.Increment(ref _repeats);
    }
}
