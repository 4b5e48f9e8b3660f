namespace Vault.Storage;

/// <summary>When reading moves an inode's access time: the mount options of mount(8).</summary>
public enum AccessTimes
{
    /// <summary><c>relatime</c>: if it is not after the last change, or older than a day.</summary>
    Relative,

    /// <summary><c>strictatime</c>: always.</summary>
    Strict,

    /// <summary><c>noatime</c>: never.</summary>
    Never,
}
