namespace Vault.Storage.Tests.Adversary;

/// <summary>The container as a whole: cut, extended, replaced.</summary>
public sealed class LengthAttackTests(ITestOutputHelper output) : IDisposable
{
    private const int BlockSize = ContainerLayout.BlockSize;

    private readonly VaultHistory _history = new(seed: 5);

    public void Dispose() => _history.Dispose();

    // Goal: a cut container is refused, or what is left of it is right.
    // Method: cut at each block and at odd lengths in it; what is missing once absent and once zeros.
    [Fact]
    public void A_cut_container_gives_right_data_or_an_error()
    {
        List<Attack> attacks = [];
        int blocks = _history.Image.Length / BlockSize;
        for (int block = 0; block <= blocks; block++)
        {
            foreach (long length in (long[])[(long)block * BlockSize, ((long)block * BlockSize) - 1, ((long)block * BlockSize) + 513])
            {
                if (length < 0 || length > _history.Image.Length)
                    continue;
                attacks.Add(new($"cut to {length} bytes", m => m.SetLength(length)));
                attacks.Add(new($"zeros from byte {length}", m => m.Damage(length, new byte[_history.Image.Length - length])));
            }
        }

        Attacker attacker = AttackRun.All(_history, attacks, writeEvery: 3);
        output.WriteLine($"{attacker}");
        attacker.AssertHits(refused: blocks, withErrors: 0);
    }

    // Goal: what is put behind a container changes nothing.
    // Method: zeros, noise and a second container behind it, also of odd lengths; the vault goes on to grow into them.
    [Fact]
    public void An_extended_container_is_read_completely()
    {
        List<Attack> attacks = [];
        foreach (int length in (int[])[1, 511, 4095, 4096, 4097, 40_000, 1 << 20])
        {
            attacks.Add(new($"{length} zeros behind", m => m.Damage(_history.Image.Length, new byte[length])));
            attacks.Add(new($"{length} bytes of noise behind", m => m.Damage(_history.Image.Length, FileSystemExtensions.RandomBytes(length))));
        }

        attacks.Add(new("a second container behind", m => m.Damage(_history.Image.Length, _history.States[3].Image)));
        Attacker attacker = AttackRun.All(_history, attacks, writeEvery: 1);
        Assert.Equal($"{attacks.Count} attempts: 0 refused, 0 read with errors, {attacks.Count} read completely; {attacks.Count} of them written to", attacker.ToString());
    }

    // Goal: what is no vault is refused as such, at any length.
    // Method: files of zeros, of ones and of noise, empty to a mebibyte; and a vault whose beginning is gone.
    [Fact]
    public void What_is_no_vault_is_refused()
    {
        foreach (int length in (int[])[0, 1, 4095, 4096, 65_536, 69_632, 262_144, 1 << 20])
        {
            foreach (int fill in (int[])[0, 0xFF, -1])
            {
                byte[] image = fill < 0 ? FileSystemExtensions.RandomBytes(length) : [.. Enumerable.Repeat((byte)fill, length)];
                VaultException refused = Assert.Throws<VaultException>(() => TestVault.Open(new MemoryMedium(image), _history.Master));
                Assert.Equal(VaultFailure.NotAVault, refused.Failure);
            }
        }

        byte[] shifted = _history.Image[BlockSize..];
        Assert.ThrowsAny<VaultException>(() => TestVault.Open(new MemoryMedium(shifted), _history.Master));
    }
}
