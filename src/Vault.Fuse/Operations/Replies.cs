using Vault.Fuse.Dispatch;
using Vault.Fuse.Protocol;
using Vault.Storage;

namespace Vault.Fuse.Operations;

/// <summary>Attributes and entries in the kernel's form.</summary>
internal static class Replies
{
    /// <summary><c>st_blksize</c>; larger than a page does harm: the kernel takes it for the file system's block size.</summary>
    private const uint PreferredIoBytes = 4096;

    /// <summary>An entry that names an inode, cacheable for ever.</summary>
    public static FuseEntryOut Entry(in InodeAttributes attributes) => new()
    {
        NodeId = attributes.Inode.Value,
        EntryValid = FuseProtocol.ForeverSeconds,
        AttrValid = FuseProtocol.ForeverSeconds,
        Attr = Attributes(in attributes),
    };

    /// <summary>An entry that says that there is no such name, cacheable for ever.</summary>
    public static FuseEntryOut NegativeEntry() => new() { EntryValid = FuseProtocol.ForeverSeconds };

    /// <summary>Adds the reply to what made or found a name.</summary>
    public static void AppendEntry(ref FuseReply reply, in InodeAttributes attributes)
    {
        FuseEntryOut entry = Entry(in attributes);
        reply.Append(in entry);
    }

    /// <summary>Adds the reply to GETATTR and SETATTR.</summary>
    public static void AppendAttributes(ref FuseReply reply, in InodeAttributes attributes)
    {
        var body = new FuseAttrOut { AttrValid = FuseProtocol.ForeverSeconds, Attr = Attributes(in attributes) };
        reply.Append(in body);
    }

    /// <summary>Adds the reply to STATX. The device number is taken apart as <c>new_encode_dev</c> put it together.</summary>
    public static void AppendStatx(ref FuseReply reply, in InodeAttributes attributes)
    {
        uint device = attributes.DeviceNumber;
        var body = new FuseStatxOut
        {
            AttrValid = FuseProtocol.ForeverSeconds,
            Stat = new FuseStatx
            {
                Mask = FuseStatx.BasicStatsAndBirthTime,
                Blksize = PreferredIoBytes,
                Nlink = attributes.LinkCount,
                Uid = attributes.UserId,
                Gid = attributes.GroupId,
                Mode = (ushort)attributes.Mode,
                Ino = attributes.Inode.Value,
                Size = unchecked((ulong)attributes.SizeBytes),
                Blocks = unchecked((ulong)attributes.Blocks512),
                Atime = Time(attributes.AccessTime),
                Btime = Time(attributes.BirthTime),
                Ctime = Time(attributes.ChangeTime),
                Mtime = Time(attributes.ModifyTime),
                RdevMajor = (device >> 8) & 0xFFF,
                RdevMinor = (device & 0xFF) | ((device >> 12) & 0xFFF00),
            },
        };
        reply.Append(in body);
    }

    private static FuseSxTime Time(Timestamp time) => new() { TvSec = time.Seconds, TvNsec = time.Nanoseconds };

    private static FuseAttr Attributes(in InodeAttributes attributes) => new()
    {
        Ino = attributes.Inode.Value,
        Size = unchecked((ulong)attributes.SizeBytes),
        Blocks = unchecked((ulong)attributes.Blocks512),
        Atime = unchecked((ulong)attributes.AccessTime.Seconds),
        Mtime = unchecked((ulong)attributes.ModifyTime.Seconds),
        Ctime = unchecked((ulong)attributes.ChangeTime.Seconds),
        AtimeNsec = attributes.AccessTime.Nanoseconds,
        MtimeNsec = attributes.ModifyTime.Nanoseconds,
        CtimeNsec = attributes.ChangeTime.Nanoseconds,
        Mode = attributes.Mode,
        Nlink = attributes.LinkCount,
        Uid = attributes.UserId,
        Gid = attributes.GroupId,
        Rdev = attributes.DeviceNumber,
        Blksize = PreferredIoBytes,
    };
}
