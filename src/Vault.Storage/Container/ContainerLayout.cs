namespace Vault.Storage;

/// <summary>Where the fixed parts of a container lie (docs/format/container.md).</summary>
internal static class ContainerLayout
{
    /// <summary>Bytes of an allocation unit.</summary>
    public const int BlockSize = 4096;

    /// <summary>Byte offset of header copy A.</summary>
    public const long HeaderCopyAOffset = 0;

    /// <summary>Byte offset of header copy B: far enough that one torn or overwritten range does not take both.</summary>
    public const long HeaderCopyBOffset = 64 * 1024;

    /// <summary>Block of superblock slot 0; the others follow.</summary>
    public const ulong SuperblockRingBlock = 32;

    /// <summary>Slots of the superblock ring.</summary>
    public const int SuperblockSlotCount = 8;

    /// <summary>The first block that the space map hands out.</summary>
    public const ulong FirstDataBlock = 64;

    /// <summary>Blocks of a new container.</summary>
    public const ulong InitialBlockCount = 256;

    /// <summary>Bytes of a tree page.</summary>
    public const int PageSize = 16 * 1024;

    /// <summary>Blocks of a tree page.</summary>
    public const int PageBlocks = PageSize / BlockSize;

    public static int BlocksFor(long bytes) => (int)((bytes + BlockSize - 1) / BlockSize);
}
