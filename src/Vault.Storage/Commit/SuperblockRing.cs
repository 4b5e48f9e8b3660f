using System.Buffers.Binary;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// The eight slots in which superblocks follow each other: generation g lies in slot g mod 8, so that writing one
/// never touches the seven before it.
/// </summary>
internal sealed class SuperblockRing(IMedium medium, VaultCipher cipher)
{
    /// <summary>What the ring held when it was read.</summary>
    /// <param name="All">The superblocks that authenticate, newest first.</param>
    /// <param name="UnreadableSlots">Slots that do not authenticate: torn by a crash, or damaged.</param>
    public sealed record Content(IReadOnlyList<Superblock> All, IReadOnlyList<int> UnreadableSlots)
    {
        /// <summary>The newest superblock that authenticates, or null.</summary>
        public Superblock? Newest => All.Count > 0 ? All[0] : null;

        /// <summary>That of the generation before it, if it authenticates.</summary>
        public Superblock? Previous => All.Count > 1 && All[1].Generation + 1 == All[0].Generation ? All[1] : null;

        /// <summary>Slots that do not hold what a vault's history puts there: one of the eight newest generations each.</summary>
        public IEnumerable<int> BadSlots => Enumerable.Range(0, ContainerLayout.SuperblockSlotCount)
            .Where(slot => !All.Any(s => SlotOf(s.Generation) == slot && s.Generation + ContainerLayout.SuperblockSlotCount > All[0].Generation));

        public int BadSlotCount => BadSlots.Count();

        /// <summary>Whether the slot of a generation yet to come, after the newest, holds the one that it will replace.</summary>
        public bool IsInPlace(ulong generation) => All.Any(s => s.Generation + ContainerLayout.SuperblockSlotCount == generation);
    }

    public Content Read()
    {
        List<Superblock> found = [];
        List<int> unreadable = [];
        for (int slot = 0; slot < ContainerLayout.SuperblockSlotCount; slot++)
        {
            if (ReadSlot(slot) is { } superblock)
                found.Add(superblock);
            else
                unreadable.Add(slot);
        }

        return new Content([.. found.OrderByDescending(s => s.Generation)], unreadable);
    }

    /// <summary>
    /// Writes a state again as the generations after the newest, into every slot that is bad, and twice at least if it is
    /// not the newest: the newest two states are whole then, and every slot means something again. Flushes.
    /// </summary>
    /// <param name="opened">The state; its own slot is not written to before others hold it.</param>
    /// <param name="ring">What the ring held.</param>
    /// <param name="random">For the slots' salts.</param>
    /// <returns>The superblock written last; <paramref name="opened"/> if nothing had to be.</returns>
    public Superblock WriteAgain(Superblock opened, Content ring, RandomSource random)
    {
        ulong newest = ring.All[0].Generation;
        ulong first = newest + 1;
        ulong last = opened.Generation == newest ? newest : newest + 2;
        for (ulong generation = first; generation < newest + ContainerLayout.SuperblockSlotCount; generation++)
            last = ring.IsInPlace(generation) ? last : Math.Max(last, generation);
        if (last > newest && SlotOf(first) == SlotOf(opened.Generation))
            last = ++first + ContainerLayout.SuperblockSlotCount - 1;
        for (ulong generation = first; generation <= last; generation++)
        {
            opened = Write(opened with { Generation = generation, IsClean = false }, random);
            medium.Flush();
        }

        return opened;
    }

    /// <summary>Writes a superblock into its slot; the caller flushes before and after.</summary>
    /// <returns>The superblock with its slot's tag.</returns>
    public Superblock Write(Superblock superblock, RandomSource random)
    {
        int slot = SlotOf(superblock.Generation);
        byte[] rented = PinnedBufferPool.Shared.Rent(2 * ContainerLayout.BlockSize);
        Span<byte> plaintext = rented.AsSpan(ContainerLayout.BlockSize, VaultCipher.SuperblockPlaintextSize);
        Span<byte> block = rented.AsSpan(0, ContainerLayout.BlockSize);
        superblock.WriteTo(plaintext);
        cipher.SealSuperblock(slot, plaintext, block, random);
        medium.Write(OffsetOf(slot), block);
        UInt128 tag = TagOf(block);
        PinnedBufferPool.Shared.Return(rented);
        return superblock with { SlotTag = tag };
    }

    public static int SlotOf(ulong generation) => (int)(generation % ContainerLayout.SuperblockSlotCount);

    public static long OffsetOf(int slot) => new BlockAddress(ContainerLayout.SuperblockRingBlock + (ulong)slot).OffsetBytes;

    // A slot is salt (32 bytes), tag (16 bytes), ciphertext.
    private static UInt128 TagOf(ReadOnlySpan<byte> block) => BinaryPrimitives.ReadUInt128LittleEndian(block[32..]);

    private Superblock? ReadSlot(int slot)
    {
        byte[] rented = PinnedBufferPool.Shared.Rent(2 * ContainerLayout.BlockSize);
        Span<byte> block = rented.AsSpan(0, ContainerLayout.BlockSize);
        Span<byte> plaintext = rented.AsSpan(ContainerLayout.BlockSize, VaultCipher.SuperblockPlaintextSize);
        try
        {
            if (medium.Read(OffsetOf(slot), block) != block.Length || !cipher.TryOpenSuperblock(slot, block, plaintext))
                return null;
            Superblock? superblock = Superblock.TryRead(plaintext);
            return superblock is null || SlotOf(superblock.Generation) != slot ? null : superblock with { SlotTag = TagOf(block) };
        }
        catch (VaultException e) when (e.Failure == VaultFailure.IoError)
        {
            return null; // One unreadable sector must not hide the other slots; it counts as unreadable.
        }
        finally
        {
            PinnedBufferPool.Shared.Return(rented);
        }
    }
}
