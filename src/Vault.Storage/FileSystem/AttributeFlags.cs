namespace Vault.Storage;

/// <summary>What <c>chattr(1)</c> sets, with Linux's values (<c>FS_*_FL</c> of linux/fs.h), which are also those on disk.</summary>
[Flags]
public enum AttributeFlags : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>FS_IMMUTABLE_FL</c>: content, attributes and names stay as they are.</summary>
    Immutable = 0x10,

    /// <summary><c>FS_APPEND_FL</c>: a file may only grow at its end, a directory only gain entries.</summary>
    AppendOnly = 0x20,

    /// <summary><c>FS_NODUMP_FL</c>: for backup programs.</summary>
    NoDump = 0x40,

    /// <summary><c>FS_NOATIME_FL</c>: reading does not move the access time.</summary>
    NoAccessTime = 0x80,

    /// <summary>Those that restrict who owns the inode.</summary>
    Protection = Immutable | AppendOnly,

    /// <summary>Those that what is made in a directory takes from it.</summary>
    Inherited = NoDump | NoAccessTime,

    /// <summary>All that are kept and obeyed.</summary>
    Known = Protection | Inherited,
}
