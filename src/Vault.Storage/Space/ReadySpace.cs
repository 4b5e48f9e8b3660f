namespace Vault.Storage;

/// <summary>What of the container can be written at once: free, not held back, and there on the host. Sums over the bitmaps in memory.</summary>
internal sealed class ReadySpace
{
    public long Blocks { get; private set; }

    /// <summary>Whole slots: runs of a page's blocks at a multiple of their number. Only there is a place for a page sure.</summary>
    public long Slots { get; private set; }

    /// <summary>The least that <see cref="Blocks"/> was since <see cref="RestartLeast"/>: nobody needed so much.</summary>
    public long LeastBlocks { get; private set; }

    public void Add(int blocks, int slots)
    {
        Blocks += blocks;
        Slots += slots;
        LeastBlocks = Math.Min(LeastBlocks, Blocks);
    }

    public void RestartLeast() => LeastBlocks = Blocks;
}
