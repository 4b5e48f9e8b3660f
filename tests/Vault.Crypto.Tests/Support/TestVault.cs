namespace Vault.Crypto.Tests;

/// <summary>A cipher and a session over a master key drawn from a seed.</summary>
internal sealed class TestVault : IDisposable
{
    public static readonly VaultId Id = new(new UInt128(0x0123456789abcdef, 0xfedcba9876543210));

    private readonly RandomSource _random;

    public TestVault(CipherSuite suite, int seed = 1, int sessionCapacity = SessionKeyCache.DefaultCapacity)
    {
        _random = new SeededRandom(seed);
        Master = MasterKey.Generate(_random);
        Cipher = new VaultCipher(Master, Id, suite, sessionCapacity);
        Session = new SealingSession(Cipher, _random);
    }

    public MasterKey Master { get; }

    public VaultCipher Cipher { get; }

    public SealingSession Session { get; }

    public SealingSession NewSession(ulong sealLimit = uint.MaxValue) => new(Cipher, _random, sealLimit);

    public byte[] RandomBytes(int length)
    {
        byte[] bytes = new byte[length];
        _random.Fill(bytes);
        return bytes;
    }

    public void Dispose()
    {
        Session.Dispose();
        Cipher.Dispose();
        Master.Dispose();
    }
}
