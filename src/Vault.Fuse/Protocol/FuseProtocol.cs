namespace Vault.Fuse.Protocol;

/// <summary>Numbers of the FUSE kernel protocol and the limits that this server asks for.</summary>
internal static class FuseProtocol
{
    /// <summary>The protocol's major version.</summary>
    public const uint Major = 7;

    /// <summary>The newest minor version that this server knows: all structures here have its form.</summary>
    public const uint Minor = 38;

    /// <summary><c>FUSE_COPY_FILE_RANGE_64</c>, of protocol 7.45: newer than the header that the tests compile.</summary>
    public const FuseOpcode CopyFileRange64 = (FuseOpcode)53;

    /// <summary>The oldest minor version that is served: below it structures have other sizes (Linux 5.4 has 7.31).</summary>
    public const uint OldestMinor = 31;

    /// <summary><c>FUSE_ROOT_ID</c>: the root's inode.</summary>
    public const ulong RootId = 1;

    /// <summary>Bytes of the largest WRITE and READ.</summary>
    public const int MaxTransferBytes = 1 << 20;

    /// <summary>Pages of the largest request: <see cref="MaxTransferBytes"/> in pages of 4 KiB.</summary>
    public const ushort MaxPages = 256;

    /// <summary>Asynchronous requests that the kernel may have under way.</summary>
    public const ushort MaxBackground = 128;

    /// <summary>From here on the kernel skips optional ones: three quarters.</summary>
    public const ushort CongestionThreshold = 96;

    /// <summary>
    /// Seconds for which names, their absence and attributes may be cached: for ever, as everything that changes goes
    /// through this mount.
    /// </summary>
    public const ulong ForeverSeconds = uint.MaxValue;

    /// <summary>Bytes of the longest name.</summary>
    public const int MaxNameBytes = 255;

    /// <summary>Bytes of the longest symlink target (<c>PATH_MAX</c> less its NUL).</summary>
    public const int MaxTargetBytes = 4095;

    /// <summary>Records of a directory listing begin at multiples of this (<c>FUSE_REC_ALIGN</c>).</summary>
    public const int RecordAlignment = 8;

    /// <summary><c>FUSE_MIN_READ_BUFFER</c>: the kernel refuses smaller ones.</summary>
    public const int MinReadBufferBytes = 8192;

    /// <summary>An error in a reply is at least this, else the kernel refuses it.</summary>
    public const int LowestError = -511;
}
