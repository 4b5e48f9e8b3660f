namespace Vault.Storage;

/// <summary>An inode's number: 64 bits, never reused in the life of a vault; also FUSE's nodeid.</summary>
public readonly record struct InodeNumber(ulong Value)
{
    /// <summary>No number is above: the next one to be given out stays far from where it would overflow.</summary>
    internal const ulong MaxValue = 1UL << 62;

    /// <summary>A repair believes no number above: those given out after it stay below <see cref="MaxValue"/>.</summary>
    internal const ulong MaxBelieved = MaxValue / 2;

    /// <summary>The root directory.</summary>
    public static InodeNumber Root => new(1);
}
