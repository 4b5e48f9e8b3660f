using Vault.Crypto;

namespace Vault.Storage.Tests.Simulation;

/// <summary>Keys and salts that a seed determines: one stream, so that no two sessions of a run draw the same.</summary>
internal sealed class SeededRandomSource(int seed) : RandomSource
{
    private readonly Random _random = new(seed);
    private readonly Lock _lock = new();

    public override void Fill(Span<byte> destination)
    {
        lock (_lock)
            _random.NextBytes(destination);
    }
}
