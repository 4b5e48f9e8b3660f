namespace Vault.Storage.Tests.Adversary;

/// <summary>Blocks of a small vault zeroed, exchanged and replaced by what they were before.</summary>
public sealed class BlockAttackTests(ITestOutputHelper output) : IDisposable
{
    private const int BlockSize = ContainerLayout.BlockSize;

    private readonly VaultHistory _history = new(seed: 2);

    public void Dispose() => _history.Dispose();

    // Goal: a block that was overwritten as a whole gives an error for what needs it, and no more.
    // Method: each block in use in turn: zeros, ones, noise, half of it zeros; and each unit in every copy at once.
    [Fact]
    public void An_overwritten_block_gives_right_data_or_an_error()
    {
        byte[] ones = new byte[BlockSize];
        ones.AsSpan().Fill(0xFF);
        List<Attack> attacks = [];
        foreach (int block in _history.UsedBlocks)
        {
            attacks.Add(new($"zeros in block {block}", m => m.Damage(OffsetOf(block), new byte[BlockSize])));
            attacks.Add(new($"half of block {block} zeros", m => m.Damage(OffsetOf(block) + (BlockSize / 2), new byte[BlockSize / 2])));
            attacks.Add(new($"ones in block {block}", m => m.Damage(OffsetOf(block), ones)));
            attacks.Add(new($"noise in block {block}", m => m.Damage(OffsetOf(block), FileSystemExtensions.RandomBytes(BlockSize, block))));
        }

        foreach (ContainerUnits.Unit unit in _history.Units)
        {
            attacks.Add(new($"zeros in all of the {unit.Pointer.Kind} at block {unit.Pointer.Address.Value}", m =>
            {
                foreach (int block in VaultHistory.BlocksOf(unit.Pointer))
                    m.Damage(OffsetOf(block), new byte[BlockSize]);
            }));
        }

        Attacker attacker = AttackRun.All(_history, attacks, writeEvery: 1, isInPlace: true);
        output.WriteLine($"{attacker}");
        attacker.AssertHits(refused: 0, withErrors: 30);
    }

    // Goal: what is good elsewhere is not good here.
    // Method: each pair of blocks in use exchanged; each pair of units of one kind and size exchanged; one copied over the other.
    [Fact]
    public void Exchanged_blocks_and_units_give_right_data_or_an_error()
    {
        List<Attack> attacks = [];
        foreach (int a in _history.UsedBlocks)
        {
            foreach (int b in _history.UsedBlocks.Where(b => b > a))
                attacks.Add(new($"block {a} exchanged with {b}", m => Exchange(m, a, b, 1)));
        }

        List<BlockPointer> units = [.. _history.Units.Select(u => u.Pointer)];
        foreach (BlockPointer a in units)
        {
            foreach (BlockPointer b in units.Where(b => b.Kind == a.Kind && b.BlockCount == a.BlockCount && b.Address != a.Address))
            {
                attacks.Add(new($"unit at block {a.Address.Value} exchanged with {b.Address.Value}", m => Exchange(m, (int)a.Address.Value, (int)b.Address.Value, a.BlockCount)));
                attacks.Add(new($"unit at block {a.Address.Value} copied to {b.Address.Value}", m => m.Damage(OffsetOf((int)b.Address.Value), Blocks(_history.Image, (int)a.Address.Value, a.BlockCount))));
            }
        }

        Attacker attacker = AttackRun.All(_history, attacks, writeEvery: 4, isInPlace: true);
        output.WriteLine($"{attacker}");
        attacker.AssertHits(refused: 1, withErrors: 300);
    }

    // Goal: what was right here once is not right now.
    // Method: each block in use replaced by each other content that it had in an older image, each unit likewise with all its blocks.
    [Fact]
    public void Replayed_blocks_and_units_give_right_data_or_an_error()
    {
        List<Attack> attacks = [];
        foreach (int block in _history.UsedBlocks)
        {
            foreach (byte[] older in OlderVersions(block, 1))
                attacks.Add(new($"older content in block {block}", m => m.Damage(OffsetOf(block), older)));
        }

        foreach (BlockPointer pointer in _history.Units.Select(u => u.Pointer))
        {
            int first = (int)pointer.Address.Value;
            foreach (byte[] older in OlderVersions(first, pointer.BlockCount))
            {
                attacks.Add(new($"older content in the {pointer.Kind} at block {first}", m =>
                {
                    m.Damage(pointer.Address.OffsetBytes, older);
                    if (!pointer.Second.IsNone)
                        m.Damage(pointer.Second.OffsetBytes, older);
                }));
            }
        }

        Attacker attacker = AttackRun.All(_history, attacks, writeEvery: 2, isInPlace: true);
        output.WriteLine($"{attacker}");
        attacker.AssertHits(refused: 0, withErrors: 50);
    }

    private static long OffsetOf(int block) => (long)block * BlockSize;

    private static byte[] Blocks(byte[] image, int first, int count) => image.AsSpan(first * BlockSize, count * BlockSize).ToArray();

    private void Exchange(OverlayMedium medium, int a, int b, int count)
    {
        medium.Damage(OffsetOf(a), Blocks(_history.Image, b, count));
        medium.Damage(OffsetOf(b), Blocks(_history.Image, a, count));
    }

    private IEnumerable<byte[]> OlderVersions(int first, int count) => _history.States
        .Where(s => s.Image.Length >= (first + count) * BlockSize)
        .Select(s => Blocks(s.Image, first, count))
        .Where(b => !b.AsSpan().SequenceEqual(Blocks(_history.Image, first, count)))
        .DistinctBy(Convert.ToHexString);
}
