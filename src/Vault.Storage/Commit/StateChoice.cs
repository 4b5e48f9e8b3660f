namespace Vault.Storage;

/// <summary>
/// Which state of a vault opens, by what its ring holds. A crash leaves one pattern only: the newest superblock, its
/// state whole, and the one before it, whole too; one slot at most does not authenticate, that of the next generation.
/// Whatever else is found is judged by what it would take to bring it about (ADR 9).
/// </summary>
/// <param name="Opened">The state to open.</param>
/// <param name="Newer">What is known of newer states.</param>
/// <param name="LostThrough">The newest generation that is lost or may be, as far as can be told; that of <paramref name="Opened"/> if none.</param>
internal sealed record StateChoice(Superblock Opened, NewerStates Newer, ulong LostThrough)
{
    /// <summary>Chooses the newest state that is whole.</summary>
    /// <param name="ring">With one superblock at least.</param>
    /// <param name="isWhole">Whether a state fits into the container and the pages that all of it hangs on can be read.</param>
    /// <returns>Null if no state is whole.</returns>
    public static StateChoice? Of(SuperblockRing.Content ring, Func<Superblock, bool> isWhole)
    {
        Superblock newest = ring.All[0];
        if (!isWhole(newest))
            return ring.All.Skip(1).FirstOrDefault(isWhole) is { } older ? new StateChoice(older, NewerStates.Lost, newest.Generation) : null;
        int lost = BadSlotsAfter(ring, newest.Generation);
        NewerStates newer = lost == 0 ? NewerStates.None : Judge(ring, isWhole, lost);
        return new StateChoice(newest, newer, newest.Generation + (newer == NewerStates.None ? 0 : (ulong)lost));
    }

    private static NewerStates Judge(SuperblockRing.Content ring, Func<Superblock, bool> isWhole, int lost)
    {
        // The blocks of the state before are used again only once the next one is durable.
        if (ring.Previous is { } previous && !isWhole(previous))
            return NewerStates.Lost;

        // A crash tears the next slot, but it neither tears two nor puts an old superblock back.
        bool isTorn = lost == 1 && ring.UnreadableSlots.Contains(SuperblockRing.SlotOf(ring.All[0].Generation + 1));
        return isTorn ? NewerStates.None : NewerStates.PerhapsLost;
    }

    // Slots behind that of a generation, one after the other, that hold something else than what must have been there.
    private static int BadSlotsAfter(SuperblockRing.Content ring, ulong generation)
    {
        int count = 0;
        while (count < ContainerLayout.SuperblockSlotCount - 1 && !ring.IsInPlace(generation + (ulong)count + 1))
            count++;
        return count;
    }
}
