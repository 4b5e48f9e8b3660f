namespace Vault.Storage;

/// <summary>What <c>stat(2)</c> tells of an inode.</summary>
public struct InodeAttributes
{
    /// <summary>The inode.</summary>
    public InodeNumber Inode;

    /// <summary><c>st_mode</c>: type and permissions.</summary>
    public uint Mode;

    /// <summary><c>st_nlink</c>; 0 for a file that was unlinked while open.</summary>
    public uint LinkCount;

    /// <summary>Owner.</summary>
    public uint UserId;

    /// <summary>Group.</summary>
    public uint GroupId;

    /// <summary><c>st_rdev</c> in the kernel's <c>new_encode_dev</c> form; opaque here.</summary>
    public uint DeviceNumber;

    /// <summary>Bytes of a file or of a symlink's target; entries of a directory times 32.</summary>
    public long SizeBytes;

    /// <summary><c>st_blocks</c>: units of 512 bytes held by the data.</summary>
    public long Blocks512;

    /// <summary>Last access.</summary>
    public Timestamp AccessTime;

    /// <summary>Last change of content.</summary>
    public Timestamp ModifyTime;

    /// <summary>Last change of the inode.</summary>
    public Timestamp ChangeTime;

    /// <summary>Creation.</summary>
    public Timestamp BirthTime;

    /// <summary>What <c>lsattr(1)</c> shows.</summary>
    public AttributeFlags Flags;

    /// <summary>Whether the inode is a directory.</summary>
    public readonly bool IsDirectory => (Mode & ModeBits.TypeMask) == ModeBits.Directory;

    /// <summary>Whether the inode is a regular file.</summary>
    public readonly bool IsRegularFile => (Mode & ModeBits.TypeMask) == ModeBits.RegularFile;
}
