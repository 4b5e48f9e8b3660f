using Vault.Crypto;

namespace Vault.Storage.Tests.Simulation;

/// <summary>Every nonce that was drawn, over sessions, crashes and different recoveries of one image; a bit for each, as sequences are counted up.</summary>
internal sealed class NonceLedger : INonceObserver
{
    private const ulong MaxSequence = 1 << 24;

    private readonly Lock _lock = new();
    private readonly Dictionary<(VaultId, UInt128, UnitKey), ulong[]> _drawn = [];

    public int RepeatCount { get; private set; }

    public void OnDrawn(VaultId id, UInt128 salt, UnitKey key, ulong sequence)
    {
        lock (_lock)
        {
            Assert.InRange(sequence, 1UL, MaxSequence);
            ulong[] bits = _drawn.GetValueOrDefault((id, salt, key), []);
            int word = (int)(sequence / 64);
            if (word >= bits.Length)
            {
                Array.Resize(ref bits, Math.Max(word + 1, bits.Length * 2));
                _drawn[(id, salt, key)] = bits;
            }

            ulong bit = 1UL << (int)(sequence % 64);
            RepeatCount += (bits[word] & bit) != 0 ? 1 : 0;
            bits[word] |= bit;
        }
    }
}
