namespace Vault.Storage;

/// <summary>An inode's number: 64 bits, never reused in the life of a vault; also FUSE's nodeid.</summary>
public readonly record struct InodeNumber(ulong Value)
{
    /// <summary>No number is above: the next one to be given out stays far from where it would overflow.</summary>
    internal const ulong MaxValue = 1UL << 62;

    /// <summary>A check and a repair believe no number above.</summary>
    internal const ulong MaxBelieved = MaxValue / 2;

    /// <summary>Nothing is created once the next number is above: those that are under way stay below <see cref="MaxBelieved"/>.</summary>
    internal const ulong LastGivenOut = MaxBelieved - (1 << 20);

    /// <summary>
    /// As many numbers from the next one on are in use by nobody, and believed. They are not simply those above the highest in
    /// use: a number that is wrong may be as high as can be, and a vault goes on after its repair.
    /// </summary>
    internal const ulong Room = 1UL << 44;

    /// <summary>The root directory.</summary>
    public static InodeNumber Root => new(1);

    /// <summary>Whether a number can be the next one to be given out.</summary>
    /// <param name="next">The number.</param>
    /// <param name="lowestAbove">The lowest number in use that is not below.</param>
    internal static bool CanBeNext(ulong next, ulong lowestAbove) => next <= MaxBelieved - Room && lowestAbove - next >= Room;

    /// <summary>The next number to be given out: the given one if it can be, else the lowest that can.</summary>
    /// <param name="used">Numbers in use, ascending.</param>
    /// <param name="next">What was to be the next one.</param>
    internal static ulong NextAmong(IEnumerable<ulong> used, ulong next)
    {
        ulong[] numbers = [.. used];
        if (CanBeNext(next, numbers.FirstOrDefault(n => n >= next, ulong.MaxValue)))
            return next;
        next = Root.Value + 1;
        foreach (ulong number in numbers)
        {
            if (number >= next && CanBeNext(next, number))
                break;
            next = Math.Max(next, number + 1);
        }

        return next;
    }
}
