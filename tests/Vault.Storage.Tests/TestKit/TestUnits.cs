using Vault.Crypto;

namespace Vault.Storage.Tests;

/// <summary>Sealed units and an empty tree on a medium in memory, without a vault around them.</summary>
internal sealed class TestUnits : IDisposable
{
    private readonly MasterKey _master = MasterKey.Generate(RandomSource.System);
    private readonly SealingSession _session;

    public TestUnits()
    {
        Cipher = new VaultCipher(_master, new VaultId(7), CipherSuite.Aes256Gcm);
        _session = new SealingSession(Cipher, RandomSource.System);
        MemoryMedium medium = new();
        medium.Allocate(0, 1 << 20);
        Units = new SealedUnits(medium, Cipher, _session);
        Tree = CopyOnWriteTree.CreateEmpty(Units, SpaceMap.CreateEmpty(medium, Units, 1), 0, 1);
    }

    public VaultCipher Cipher { get; }

    public SealedUnits Units { get; }

    public CopyOnWriteTree Tree { get; }

    /// <summary>A unit's plaintext.</summary>
    public byte[] Read(BlockPointer pointer)
    {
        byte[] plaintext = new byte[pointer.SizeOfUnit];
        Units.Read(pointer, plaintext);
        return plaintext;
    }

    /// <summary>A value of the tree, as long as it is.</summary>
    public byte[] Value(TreeKey key)
    {
        byte[] value = new byte[LeafPage.MaxValueSize];
        Assert.True(Tree.TryGet(key, value, out int length));
        return value[..length];
    }

    public void Dispose()
    {
        Tree.Dispose();
        _session.Dispose();
        Cipher.Dispose();
        _master.Dispose();
    }
}
