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
    /// <param name="Newest">The newest superblock that authenticates, or null.</param>
    /// <param name="Previous">That of the generation before it, if it authenticates.</param>
    /// <param name="UnreadableSlots">Slots that do not authenticate: torn by a crash, or damaged.</param>
    public sealed record Content(Superblock? Newest, Superblock? Previous, IReadOnlyList<int> UnreadableSlots)
    {
        /// <summary>
        /// Whether <see cref="Newest"/> may be older than the newest two states, which alone are whole: the slots of
        /// both generations after it do not authenticate. A crash tears one slot at most.
        /// </summary>
        public bool MayHaveLostStates => Newest is { } newest
            && UnreadableSlots.Contains(SlotOf(newest.Generation + 1)) && UnreadableSlots.Contains(SlotOf(newest.Generation + 2));
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

        Superblock? newest = found.MaxBy(s => s.Generation);
        Superblock? previous = found.Find(s => s.Generation + 1 == newest!.Generation);
        return new Content(newest, previous, unreadable);
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

    private static long OffsetOf(int slot) => new BlockAddress(ContainerLayout.SuperblockRingBlock + (ulong)slot).OffsetBytes;

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
