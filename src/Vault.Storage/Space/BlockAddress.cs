namespace Vault.Storage;

/// <summary>A block of the container by number: byte offset divided by 4096. 48 bits on disk; 0 means none.</summary>
internal readonly record struct BlockAddress(ulong Value)
{
    /// <summary>The largest address that 48 bits hold.</summary>
    public const ulong MaxValue = (1UL << 48) - 1;

    public static BlockAddress None => default;

    public bool IsNone => Value == 0;

    public long OffsetBytes => checked((long)Value * ContainerLayout.BlockSize);
}
