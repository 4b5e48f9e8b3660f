using System.Runtime.InteropServices;

namespace Vault.Posix.Interop;

/// <summary>A time of a file, to the nanosecond.</summary>
internal readonly record struct Time(long Seconds, long Nanoseconds) : IComparable<Time>
{
    /// <summary>For utimensat(2), in place of the nanoseconds: the present.</summary>
    public static readonly Time Now = new(0, 0x3fffffff);

    /// <summary>For utimensat(2), in place of the nanoseconds: leave it.</summary>
    public static readonly Time Omit = new(0, 0x3ffffffe);

    public static bool operator <(Time left, Time right) => left.CompareTo(right) < 0;

    public static bool operator >(Time left, Time right) => left.CompareTo(right) > 0;

    public int CompareTo(Time other) => (Seconds, Nanoseconds).CompareTo((other.Seconds, other.Nanoseconds));

    public override string ToString() => $"{Seconds}.{Nanoseconds:D9}";
}

/// <summary>What statx(2) says of a file.</summary>
internal readonly record struct Stat
{
    public Stat(in StatxBuffer buffer)
    {
        Type = (FileType)(buffer.Mode & 0xf000u);
        Mode = new Mode(buffer.Mode & 0xfffu);
        Links = buffer.Nlink;
        Uid = buffer.Uid;
        Gid = buffer.Gid;
        Inode = (long)buffer.Ino;
        Size = (long)buffer.Size;
        Blocks = (long)buffer.Blocks;
        BlockSize = buffer.Blksize;
        Device = ((long)buffer.DevMajor << 32) | buffer.DevMinor;
        DeviceNumber = (buffer.RdevMajor, buffer.RdevMinor);
        Access = buffer.Atime.Value;
        Modify = buffer.Mtime.Value;
        Change = buffer.Ctime.Value;
        Birth = (buffer.Mask & StatxBuffer.BirthTime) != 0 ? buffer.Btime.Value : null;
        Attributes = buffer.Attributes;
    }

    public FileType Type { get; }

    public Mode Mode { get; }

    public long Links { get; }

    public long Uid { get; }

    public long Gid { get; }

    public long Inode { get; }

    public long Size { get; }

    /// <summary>Units of 512 bytes.</summary>
    public long Blocks { get; }

    public long BlockSize { get; }

    /// <summary>Of the file system.</summary>
    public long Device { get; }

    /// <summary>Major and minor number, of device nodes.</summary>
    public (long Major, long Minor) DeviceNumber { get; }

    public Time Access { get; }

    public Time Modify { get; }

    public Time Change { get; }

    /// <summary>Null if the file system does not tell.</summary>
    public Time? Birth { get; }

    public ulong Attributes { get; }
}

/// <summary><c>struct statx_timestamp</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct StatxTime
{
    private readonly long _seconds;
    private readonly uint _nanoseconds;
    private readonly int _reserved;

    public Time Value => new(_seconds, _nanoseconds);
}

/// <summary><c>struct statx</c> of <c>linux/stat.h</c>.</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
internal readonly struct StatxBuffer
{
    public const uint BasicStats = 0x7ff;
    public const uint BirthTime = 0x800;

    public readonly uint Mask;
    public readonly uint Blksize;
    public readonly ulong Attributes;
    public readonly uint Nlink;
    public readonly uint Uid;
    public readonly uint Gid;
    public readonly ushort Mode;
    private readonly ushort _spare;
    public readonly ulong Ino;
    public readonly ulong Size;
    public readonly ulong Blocks;
    public readonly ulong AttributesMask;
    public readonly StatxTime Atime;
    public readonly StatxTime Btime;
    public readonly StatxTime Ctime;
    public readonly StatxTime Mtime;
    public readonly uint RdevMajor;
    public readonly uint RdevMinor;
    public readonly uint DevMajor;
    public readonly uint DevMinor;
}
