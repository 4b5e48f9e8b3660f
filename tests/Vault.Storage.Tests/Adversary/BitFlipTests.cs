using Vault.Crypto;
using Vault.Testing;

namespace Vault.Storage.Tests.Adversary;

/// <summary>Every bit of a small vault, one at a time.</summary>
public sealed class BitFlipTests(ITestOutputHelper output) : IDisposable
{
    private const int BlockSize = ContainerLayout.BlockSize;

    private readonly VaultHistory _history = new(seed: 1);

    public void Dispose() => _history.Dispose();

    // Goal: no bit of a unit lies outside of its tag's protection.
    // Method: each bit of a unit of each kind and size, a superblock slot and a header copy, opened alone.
    [Fact]
    public void Every_bit_of_a_unit_counts()
    {
        byte[] image = (byte[])_history.Image.Clone();
        MemoryMedium medium = new(image) { IsReadOnly = true };
        VaultHeader header = HeaderCopies.Verify(medium, _history.Master);
        using VaultCipher cipher = new(_history.Master, header.Id, header.Suite);
        long flips = 0;
        byte[] plaintext = new byte[ContainerLayout.PageSize];
        foreach (ContainerUnits.Unit unit in _history.Units.DistinctBy(u => (u.Pointer.Kind, u.Pointer.BlockCount)))
        {
            int offset = (int)unit.Pointer.Address.OffsetBytes;
            byte[] unitBytes = image[offset..(offset + unit.Pointer.SizeOfUnit)];
            if (!unit.Pointer.Second.IsNone)
                Assert.Equal(unitBytes, image.AsSpan((int)unit.Pointer.Second.OffsetBytes, unitBytes.Length));
            flips += FlipEach(unitBytes, bytes => cipher.TryOpen(unit.Pointer.Kind, unit.Pointer.Stamp, bytes, plaintext.AsSpan(0, bytes.Length)));
        }

        int slotOffset = (int)ContainerLayout.SuperblockRingBlock * BlockSize;
        flips += FlipEach(
            image[slotOffset..(slotOffset + BlockSize)], bytes => cipher.TryOpenSuperblock(0, bytes, plaintext.AsSpan(0, VaultCipher.SuperblockPlaintextSize)));
        flips += FlipEach(image[..VaultHeader.SizeBytes], bytes => UnverifiedHeader.TryParse(bytes, out _) == HeaderDefect.None);
        output.WriteLine($"{flips} bits flipped");
    }

    // Goal: with any bit turned, everything is right or a typed error; the vault that goes on is none the worse.
    // Method: in every block in use, bytes in even steps with one random bit each, and some of the unused blocks; a part of
    // them also written to. Every bit: tests/adversary.sh --all-bits.
    [Fact]
    public void A_flipped_bit_gives_right_data_or_an_error()
    {
        const int Step = 8;
        int seed = Random.Shared.Next();
        Random random = new(seed);
        int start = random.Next(Step);
        (long Offset, int Bit)[] flips =
        [
            .. _history.UsedBlocks.SelectMany(b => Enumerable.Range(0, BlockSize / Step).Select(i => ((b * (long)BlockSize) + (i * Step) + start, random.Next(8)))),
            .. Enumerable.Range(0, 500).Select(_ => (random.NextInt64(_history.Image.Length), random.Next(8))),
        ];
        Attacker attacker = new(_history);
        Watchdog.Run(flips.Length, 2, n => Flip(attacker, flips[n].Offset, flips[n].Bit, alsoWrite: n % 16 == 0), n => $"Seed {seed}, byte {flips[n].Offset}, bit {flips[n].Bit}");
        output.WriteLine($"Seed {seed}. {attacker}");
        attacker.AssertHits(refused: 0, withErrors: flips.Length / 10);
    }

    // Goal: as above, leaving nothing out.
    // Method: each bit of each block in use, and each bit of one byte of every unused block.
    [Fact(Explicit = true)]
    public void Each_flipped_bit_gives_right_data_or_an_error()
    {
        int jobs = int.Parse(Environment.GetEnvironmentVariable("VAULTFS_ADVERSARY_JOBS") ?? "1");
        HashSet<int> used = [.. _history.UsedBlocks];
        long[] offsets =
        [
            .. used.Order().SelectMany(b => Enumerable.Range(0, BlockSize).Select(i => (b * (long)BlockSize) + i)),
            .. Enumerable.Range(0, _history.Image.Length / BlockSize).Where(b => !used.Contains(b)).Select(b => (b * (long)BlockSize) + (b * 131 % BlockSize)),
        ];
        Attacker attacker = new(_history);
        Watchdog.Run(
            offsets.LongLength * 8,
            jobs,
            n => Flip(attacker, offsets[n / 8], (int)(n % 8), alsoWrite: n % 61 == 0),
            n => $"Byte {offsets[n / 8]}, bit {n % 8}");
        Assert.Equal(offsets.LongLength * 8, attacker.Attempts);
        output.WriteLine($"{used.Count} blocks in use. {attacker}");
    }

    // Goal: damage to both copies of what is stored twice, and to any other unit, is noticed by whoever reads it.
    // Method: a bit in every copy of each unit in turn; reading everything then meets an error, or the vault does not open. The
    // space map, orphans and lineage are only read to write.
    [Fact]
    public void Damage_to_all_copies_of_a_unit_is_noticed()
    {
        foreach (ContainerUnits.Unit unit in _history.Units)
        {
            Attacker attacker = new(_history);
            attacker.Try(() => FlipAll(unit.Pointer), alsoWrite: true, isInPlace: true);
            if (IsReadByReaders(unit))
                Assert.False(attacker.ToString().Contains("1 read completely", StringComparison.Ordinal), $"A changed {unit.Pointer.Kind} was not noticed.");
        }
    }

    private static bool IsReadByReaders(ContainerUnits.Unit unit) => unit.Pointer.Kind switch
    {
        SealKind.SpaceBitmap or SealKind.SpaceIndex => false,
        SealKind.Leaf => new LeafPage(unit.Plaintext).KeyAt(0).Table < TableId.Orphans,
        _ => true,
    };

    private static long FlipEach(byte[] bytes, Func<byte[], bool> opens)
    {
        Assert.True(opens(bytes));
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(opens(bytes), $"bit {bit}");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        return bytes.Length * 8L;
    }

    private void Flip(Attacker attacker, long offset, int bit, bool alsoWrite) => attacker.Try(
        () =>
        {
            OverlayMedium medium = new(_history.Image);
            medium.Flip(offset, bit);
            return medium;
        },
        alsoWrite,
        isInPlace: true);

    private OverlayMedium FlipAll(BlockPointer pointer)
    {
        OverlayMedium medium = new(_history.Image);
        medium.Flip(pointer.Address.OffsetBytes + 100, 2);
        if (!pointer.Second.IsNone)
            medium.Flip(pointer.Second.OffsetBytes + 100, 2);
        return medium;
    }
}
