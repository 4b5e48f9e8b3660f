using Vault.Crypto;

namespace Vault.Storage.Tests.Adversary;

/// <summary>Parts of older states put back: superblocks, header copies, halves of the container, and mixtures of everything.</summary>
public sealed class ReplayTests(ITestOutputHelper output) : IDisposable
{
    private const int BlockSize = ContainerLayout.BlockSize;
    private const int SlotCount = ContainerLayout.SuperblockSlotCount;

    private readonly VaultHistory _history = new(seed: 3);

    public void Dispose() => _history.Dispose();

    // Goal: whoever puts old superblocks back gets an older state as it was, with errors where it was overwritten since, or a refusal.
    // Method: from each older image each slot, each pair of slots, and the whole ring; likewise destroyed instead of put back.
    [Fact]
    public void Old_superblocks_give_an_older_state_or_an_error()
    {
        List<Attack> attacks = [];
        foreach (VaultHistory.State state in _history.States.SkipLast(1))
        {
            attacks.Add(new($"ring of state {state.Generation}", m => PutSlots(m, state.Image, [.. Enumerable.Range(0, SlotCount)])));
            for (int a = 0; a < SlotCount; a++)
            {
                for (int b = a; b < SlotCount; b++)
                {
                    (int first, int second) = (a, b);
                    attacks.Add(new($"slots {a} and {b} of state {state.Generation}", m => PutSlots(m, state.Image, first, second)));
                }
            }
        }

        byte[] nothing = new byte[_history.Image.Length];
        for (int a = 0; a < 1 << SlotCount; a++)
        {
            int[] lost = [.. Enumerable.Range(0, SlotCount).Where(s => (a & (1 << s)) != 0)];
            attacks.Add(new($"slots {string.Join(' ', lost)} destroyed", m => PutSlots(m, nothing, lost)));
        }

        Attacker attacker = AttackRun.All(_history, attacks, writeEvery: 1);
        output.WriteLine($"{attacker}");
        attacker.AssertHits(refused: 10, withErrors: 0);
    }

    // Goal: header copies of different times or of other vaults never open with anything wrong.
    // Method: all pairs out of: each header that the vault ever had, that of another vault, that of another vault under the same
    // key, the older one's key slots in the newer with a right checksum, nothing; in copies A and B.
    [Fact]
    public void Mixed_header_copies_give_right_data_or_an_error()
    {
        using VaultHistory other = new(seed: 4);
        byte[] old = Header(_history.States[0].Image);
        byte[] now = Header(_history.Image);
        Assert.NotEqual(old, now);
        byte[] mixed = (byte[])now.Clone();
        old.AsSpan(HeaderBytes.SlotsOffset, HeaderBytes.SlotsSize).CopyTo(mixed.AsSpan(HeaderBytes.SlotsOffset));
        HeaderBytes.WriteChecksum(mixed);
        (string Name, byte[] Bytes)[] headers =
        [
            ("newest", now), ("older", old), ("other vault's", Header(other.Image)), ("other vault's of the same key", Header(SecondVaultOfSameKey())),
            ("older key slots'", mixed), ("zeroed", new byte[BlockSize]),
        ];
        List<Attack> attacks = [];
        foreach ((string nameA, byte[] a) in headers)
        {
            foreach ((string nameB, byte[] b) in headers)
            {
                attacks.Add(new($"A {nameA}, B {nameB}", m =>
                {
                    m.Damage(ContainerLayout.HeaderCopyAOffset, a);
                    m.Damage(ContainerLayout.HeaderCopyBOffset, b);
                }));
            }
        }

        Attacker attacker = AttackRun.All(_history, attacks, writeEvery: 1);
        output.WriteLine($"{attacker}");
        attacker.AssertHits(refused: 8, withErrors: 0);
    }

    // Goal: two states of a container sewn together give one of them, with errors for what was lost, or a refusal.
    // Method: the front of each image with the rest of each other one, cut before each block in use of either, and at each fixed part.
    [Fact]
    public void The_front_of_one_state_with_the_rest_of_another_gives_right_data_or_an_error()
    {
        int[] cuts = [.. _history.UsedBlocks.Concat([16, 17, 32, 33, 36, 40, 64]).Distinct().Order()];
        foreach (VaultHistory.State front in _history.States)
        {
            Attack[] attacks = [.. _history.States.Where(s => s != front).SelectMany(rest => cuts.Select(cut =>
                new Attack($"state {front.Generation} up to block {cut}, then {rest.Generation}", m => m.Damage(cut * BlockSize, rest.Image.AsSpan(cut * BlockSize)))))];
            Attacker attacker = AttackRun.All(_history, attacks, writeEvery: 7, image: front.Image);
            output.WriteLine($"State {front.Generation} in front: {attacker}");
            attacker.AssertHits(refused: 10, withErrors: 0);
        }
    }

    // Goal: whatever blocks of whatever states are put together, what comes out is right or an error.
    // Method: ten thousand seeded mixtures: the newest image with one to forty blocks in use, the ring among them, from states at random, some
    // exchanged, zeroed or with bits flipped.
    [Fact]
    public void Random_mixtures_of_states_give_right_data_or_an_error()
    {
        int seed = Random.Shared.Next();
        List<Attack> attacks = [.. Enumerable.Range(0, 10_000).Select(n => new Attack($"Seed {seed}, mixture {n}", m => Mix(m, new Random(unchecked(seed + n)))))];
        Attacker attacker = AttackRun.All(_history, attacks, writeEvery: 10);
        output.WriteLine($"Seed {seed}. {attacker}");
        attacker.AssertHits(refused: 500, withErrors: 2_000);
    }

    private static byte[] Header(byte[] image) => image[..VaultHeader.SizeBytes];

    private static void PutSlots(OverlayMedium medium, byte[] from, params int[] slots)
    {
        foreach (int slot in slots)
        {
            int offset = ((int)ContainerLayout.SuperblockRingBlock + slot) * BlockSize;
            medium.Damage(offset, from.AsSpan(offset, BlockSize));
        }
    }

    private byte[] SecondVaultOfSameKey()
    {
        MemoryMedium medium = new();
        using Credential credential = Credential.FromPassphrase("test"u8);
        VaultContainer.CreateWithKey(
            medium, new HeaderOptions(4096, CipherSuite.Aes256Gcm, TestVault.CheapCost), _history.Master, credential, 0, 0, RandomSource.System, Clock.System);
        return medium.Snapshot();
    }

    private void Mix(OverlayMedium medium, Random random)
    {
        for (int count = 1 + (random.Next(5) * random.Next(10)); count > 0; count--)
        {
            int block = _history.UsedBlocks[random.Next(_history.UsedBlocks.Count)];
            byte[] source = _history.States[random.Next(_history.States.Count)].Image;
            int from = random.Next(8) == 0 ? _history.UsedBlocks[random.Next(_history.UsedBlocks.Count)] : block;
            switch (random.Next(10))
            {
                case 0:
                    medium.Damage(block * BlockSize, new byte[BlockSize]);
                    break;
                case 1:
                    medium.Flip((block * BlockSize) + random.Next(BlockSize), random.Next(8));
                    break;
                default:
                    if ((from + 1) * BlockSize <= source.Length)
                        medium.Damage(block * BlockSize, source.AsSpan(from * BlockSize, BlockSize));
                    break;
            }
        }
    }
}
