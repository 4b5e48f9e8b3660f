using System.Buffers.Binary;

namespace Vault.Storage;

/// <summary>Facts about an inode's data that the record keeps. Values are on disk.</summary>
[Flags]
internal enum InodeFlags : uint
{
    None = 0,

    /// <summary>There are extended attributes.</summary>
    HasXattrs = 1,

    /// <summary>The whole content is in table InlineData.</summary>
    IsInline = 2,

    /// <summary>Some of the content is lost, as table LostContent says.</summary>
    HasLostContent = 4,

    /// <summary>Of the root: some inode is or was immutable or append-only.</summary>
    HasProtectedInodes = 8,
}

/// <summary>An inode as stored in table Inodes: 128 bytes (docs/format/container.md, "Inode record").</summary>
internal struct InodeRecord
{
    public const int SizeBytes = 128;

    public uint Mode;
    public uint LinkCount;
    public uint UserId;
    public uint GroupId;
    public uint DeviceNumber;
    public InodeFlags Flags;

    /// <summary>Bytes of a file or of a symlink's target; entries of a directory.</summary>
    public long Size;

    /// <summary>Blocks of 4096 bytes that chunks hold or will hold.</summary>
    public long DataBlocks;

    /// <summary>The directory that holds a directory; 0 for everything else.</summary>
    public ulong Parent;

    public Timestamp AccessTime;
    public Timestamp ModifyTime;
    public Timestamp ChangeTime;
    public Timestamp BirthTime;

    public AttributeFlags AttributeFlags;

    public readonly uint Type => Mode & ModeBits.TypeMask;

    public readonly bool IsDirectory => Type == ModeBits.Directory;

    public readonly bool IsRegularFile => Type == ModeBits.RegularFile;

    public readonly bool IsImmutable => (AttributeFlags & AttributeFlags.Immutable) != 0;

    public readonly bool IsAppendOnly => (AttributeFlags & AttributeFlags.AppendOnly) != 0;

    public readonly bool IsProtected => (AttributeFlags & AttributeFlags.Protection) != 0;

    /// <summary>Reads a stored record: false if it is none, or if its counts are beyond what the format allows.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out InodeRecord record)
    {
        record = source.Length == SizeBytes ? Read(source) : default;
        return source.Length == SizeBytes && record.Size is >= 0 and <= FileWriter.MaxFileSize && record.DataBlocks is >= 0 and <= (long)BlockAddress.MaxValue;
    }

    public static InodeRecord Read(ReadOnlySpan<byte> source) => new()
    {
        Mode = BinaryPrimitives.ReadUInt32LittleEndian(source),
        LinkCount = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]),
        UserId = BinaryPrimitives.ReadUInt32LittleEndian(source[8..]),
        GroupId = BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
        DeviceNumber = BinaryPrimitives.ReadUInt32LittleEndian(source[16..]),
        Flags = (InodeFlags)BinaryPrimitives.ReadUInt32LittleEndian(source[20..]),
        Size = BinaryPrimitives.ReadInt64LittleEndian(source[24..]),
        DataBlocks = BinaryPrimitives.ReadInt64LittleEndian(source[32..]),
        Parent = BinaryPrimitives.ReadUInt64LittleEndian(source[40..]),
        AccessTime = ReadTime(source[48..]),
        ModifyTime = ReadTime(source[60..]),
        ChangeTime = ReadTime(source[72..]),
        BirthTime = ReadTime(source[84..]),
        AttributeFlags = (AttributeFlags)BinaryPrimitives.ReadUInt32LittleEndian(source[96..]),
    };

    public readonly void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Mode);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], LinkCount);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], UserId);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], GroupId);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[16..], DeviceNumber);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[20..], (uint)Flags);
        BinaryPrimitives.WriteInt64LittleEndian(destination[24..], Size);
        BinaryPrimitives.WriteInt64LittleEndian(destination[32..], Math.Max(0, DataBlocks)); // a count that was wrong before must not make the record unreadable
        BinaryPrimitives.WriteUInt64LittleEndian(destination[40..], Parent);
        WriteTime(destination[48..], AccessTime);
        WriteTime(destination[60..], ModifyTime);
        WriteTime(destination[72..], ChangeTime);
        WriteTime(destination[84..], BirthTime);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[96..], (uint)AttributeFlags);
        destination[100..SizeBytes].Clear();
    }

    public readonly InodeAttributes ToAttributes(InodeNumber inode) => new()
    {
        Inode = inode,
        Mode = Mode,
        LinkCount = LinkCount,
        UserId = UserId,
        GroupId = GroupId,
        DeviceNumber = DeviceNumber,
        SizeBytes = IsDirectory ? Size * 32 : Size,
        Blocks512 = (Flags & InodeFlags.IsInline) != 0 ? (Math.Min(Size, LeafPage.MaxValueSize) + 511) / 512 : DataBlocks * (ContainerLayout.BlockSize / 512),
        AccessTime = AccessTime,
        ModifyTime = ModifyTime,
        ChangeTime = ChangeTime,
        BirthTime = BirthTime,
        Flags = AttributeFlags,
    };

    /// <summary>Counts entries that a directory gains or loses. Counts that were wrong before stop at their bounds: removing stays possible.</summary>
    public void AddEntries(int entries, int subdirectories)
    {
        Size = Math.Max(0, Size + entries);
        LinkCount = (uint)Math.Clamp(LinkCount + (long)subdirectories, 2, uint.MaxValue);
    }

    /// <summary>Clears set-user-id, and set-group-id where group execute makes it one (POSIX, chown and write).</summary>
    public void ClearSetIds()
    {
        Mode &= ~ModeBits.SetUserId;
        if ((Mode & ModeBits.GroupExecute) != 0)
            Mode &= ~ModeBits.SetGroupId;
    }

    private static Timestamp ReadTime(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadInt64LittleEndian(source), BinaryPrimitives.ReadUInt32LittleEndian(source[8..]));

    private static void WriteTime(Span<byte> destination, Timestamp time)
    {
        BinaryPrimitives.WriteInt64LittleEndian(destination, time.Seconds);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], time.Nanoseconds);
    }
}
