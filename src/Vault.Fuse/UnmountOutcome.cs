namespace Vault.Fuse;

/// <summary>How an unmount ended.</summary>
public enum UnmountOutcome
{
    /// <summary>The file system is unmounted, or was not mounted any more.</summary>
    Unmounted,

    /// <summary>Some process still uses it.</summary>
    Busy,

    /// <summary>The kernel or fusermount3 refused for another reason.</summary>
    Refused,
}
