namespace Vault.Crypto.Tests;

/// <summary>Random bytes determined by a seed; safe for concurrent use.</summary>
internal sealed class SeededRandom(int seed) : RandomSource
{
    private readonly Random _random = new(seed);

    public override void Fill(Span<byte> destination)
    {
        lock (_random)
            _random.NextBytes(destination);
    }
}
