using System.Buffers.Binary;

namespace Vault.Posix.Cases;

/// <summary>What else programs ask of a file system: its state, events, handles.</summary>
internal static class SystemCases
{
    public static readonly Group Statfs = new("statfs")
    {
        { "sizes make sense: free within all, available within free, names of 255", () =>
        {
            statfs(".", out StatfsBuffer s).Ok();
            True(s.Blocks > 0 && s.BlocksFree <= s.Blocks && s.BlocksAvailable <= s.BlocksFree);
            True(s.Files >= s.FilesFree && s.FilesFree > 0);
            (s.NameLength, s.BlockSize, s.FragmentSize).Is((NAME_MAX, 4096, 4096));
        } },
        { "is the same through any file of it", () =>
        {
            File("f");
            statfs(".", out StatfsBuffer first).Ok();
            statfs("f", out StatfsBuffer second).Ok();
            (first.Type, first.FileSystemId).Is((second.Type, second.FileSystemId));
        } },
        { "ENOENT, ENOTDIR", () =>
        {
            File("f");
            statfs("none", out _).Fails(ENOENT);
            statfs("f/x", out _).Fails(ENOTDIR);
        } },
    };

    public static readonly Group StatGroup = new("stat")
    {
        { "one file system has one device, and each file an inode of its own", () =>
        {
            File("f");
            Directory("d");
            File("d/g");
            (Stat("f").Device, Stat("d/g").Device).Is((Stat(".").Device, Stat(".").Device));
            new long[] { Stat("f").Inode, Stat("d").Inode, Stat("d/g").Inode, Stat(".").Inode }.Distinct().Count().Is(4);
        } },
        { "an inode number stays over rename, chmod and writing", () =>
        {
            File("f", "text");
            long inode = Stat("f").Inode;
            rename("f", "g").Ok();
            chmod("g", 0600).Ok();
            Write(open("g", O_WRONLY).Ok(), "x");
            Stat("g").Inode.Is(inode);
        } },
        { "blocks count 512 bytes and grow with the data", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            Write(fd, Long(1 << 20));
            close(fd).Ok();
            long blocks = Stat("f").Blocks;
            True(blocks is >= 2048 and <= 2048 + 64, $"{blocks} blocks");
        } },
        { "blocks of an open file are counted soon after fsync", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            foreach (int written in new[] { 1, 2 })
            {
                Write(fd, Long(1 << 20));
                fsync(fd).Ok();
                BlocksBecome(written * 2048);
            }
        } },
        { "blocks of an open file are counted soon after its data were written back", () =>
        {
            int fd = open("f", O_RDWR | O_CREAT, 0644).Ok();
            Write(fd, Long(4 << 20));
            sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER).Ok();
            BlocksBecome(4 * 2048);
        } },
        { "a symlink's size is its target's length", () =>
        {
            symlink("12345", "s").Ok();
            Lstat("s").Size.Is(5);
        } },
        { "ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, EACCES, EBADF", () =>
        {
            File("f");
            symlink("loop", "loop").Ok();
            Directory("d", 0700);
            stat("none").Fails(ENOENT);
            stat("").Fails(ENOENT);
            stat("f/x").Fails(ENOTDIR);
            stat("f/").Fails(ENOTDIR);
            stat("loop").Fails(ELOOP);
            stat(Long(NAME_MAX + 1)).Fails(ENAMETOOLONG);
            As(Bob, () => stat("d/x").Fails(EACCES));
            statx(-1, "", AT_EMPTY_PATH, StatxBuffer.BasicStats, out _).Fails(EBADF);
        } },
    };

    public static readonly Group Inotify = new("inotify")
    {
        { "tells what is made, changed, moved and removed in a directory", () =>
        {
            Directory("d");
            int watch = inotify_init1(O_NONBLOCK).Ok();
            inotify_add_watch(watch, "d", IN_CREATE | IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE).Ok();
            int fd = open("d/f", O_WRONLY | O_CREAT, 0644).Ok();
            Write(fd, "text");
            close(fd).Ok();
            chmod("d/f", 0600).Ok();
            rename("d/f", "d/g").Ok();
            unlink("d/g").Ok();
            Events(watch).Are(
                ("f", IN_CREATE), ("f", IN_MODIFY), ("f", IN_CLOSE_WRITE), ("f", IN_ATTRIB), ("f", IN_MOVED_FROM), ("g", IN_MOVED_TO), ("g", IN_DELETE));
            close(watch).Ok();
        } },
        { "tells that the watched file itself is gone", () =>
        {
            File("f");
            int watch = inotify_init1(O_NONBLOCK).Ok();
            inotify_add_watch(watch, "f", IN_DELETE_SELF).Ok();
            unlink("f").Ok();
            Events(watch).First().Mask.Is(IN_DELETE_SELF);
            close(watch).Ok();
        } },
    };

    public static readonly Group Fanotify = new("fanotify")
    {
        { "tells who opened and changed what in a directory, and hands on the file itself", () =>
        {
            Directory("d");
            int watch = fanotify_init(FAN_NONBLOCK, O_RDONLY).Ok();
            fanotify_mark(watch, FAN_MARK_ADD, FAN_OPEN | FAN_MODIFY | FAN_CLOSE_WRITE | FAN_EVENT_ON_CHILD, AT_FDCWD, "d").Ok();
            int fd = open("d/f", O_WRONLY | O_CREAT, 0644).Ok();
            Write(fd, "text");
            close(fd).Ok();
            fanotify_mark(watch, FAN_MARK_REMOVE, FAN_OPEN | FAN_MODIFY | FAN_CLOSE_WRITE | FAN_EVENT_ON_CHILD, AT_FDCWD, "d").Ok();
            (ulong mask, int process, string content) = FileEvents(watch);
            (mask, process, content).Is((FAN_OPEN | FAN_MODIFY | FAN_CLOSE_WRITE, Environment.ProcessId, "text"));
            close(watch).Ok();
        } },
    };

    public static readonly Group Handles = new("file handles")
    {
        { "name_to_handle_at names a file, open_by_handle_at opens it, over a rename", () =>
        {
            File("f", "text");
            byte[] handle = new byte[8 + 128];
            BinaryPrimitives.WriteInt32LittleEndian(handle, 128);
            name_to_handle_at(AT_FDCWD, "f", handle, out _, 0).Ok();
            rename("f", "g").Ok();
            int mount = open(".", O_RDONLY).Ok();
            ReadAt(open_by_handle_at(mount, handle, O_RDONLY).Ok(), 10, 0).Is("text");
        } },
        { "EOVERFLOW: a buffer too small, which is told", () =>
        {
            File("f");
            byte[] handle = new byte[8];
            name_to_handle_at(AT_FDCWD, "f", handle, out _, 0).Fails(EOVERFLOW);
            True(BinaryPrimitives.ReadInt32LittleEndian(handle) is > 0 and <= 128);
        } },
        { "EPERM: an ordinary user opens by handle", () =>
        {
            File("f", "text", 0666);
            byte[] handle = new byte[8 + 128];
            BinaryPrimitives.WriteInt32LittleEndian(handle, 128);
            name_to_handle_at(AT_FDCWD, "f", handle, out _, 0).Ok();
            As(Bob, () => open_by_handle_at(open(".", O_RDONLY).Ok(), handle, O_RDONLY).Fails(EPERM));
        } },
        { "ESTALE: a file that is gone", () =>
        {
            File("f");
            byte[] handle = new byte[8 + 128];
            BinaryPrimitives.WriteInt32LittleEndian(handle, 128);
            name_to_handle_at(AT_FDCWD, "f", handle, out _, 0).Ok();
            unlink("f").Ok();
            open_by_handle_at(open(".", O_RDONLY).Ok(), handle, O_RDONLY).Fails(ESTALE);
        } },
    };

    public static readonly Group Ioctl = new("ioctl")
    {
        { "ENOTTY: a file is no terminal, and has no ioctl that nobody knows", () =>
        {
            File("f");
            long argument = 0;
            int fd = open("f", O_RDONLY).Ok();
            ioctl(fd, 0x5401, ref argument).Fails(ENOTTY);
            ioctl(fd, 0x1234_5678, ref argument).Fails(ENOTTY);
        } },
        { "FIONREAD tells what is left to read", () =>
        {
            File("f", "abcdef");
            int fd = open("f", O_RDONLY).Ok();
            lseek(fd, 2, SEEK_SET).Is(2);
            long left = 0;
            ioctl(fd, 0x541b, ref left).Ok();
            left.Is(4);
        } },
    };

    public static readonly Group Lease = new("lease")
    {
        { "a write lease is given where nobody else has the file open, else EAGAIN", () =>
        {
            File("f");
            int fd = open("f", O_RDWR).Ok();
            fcntl(fd, F_SETLEASE, F_WRLCK).Ok();
            fcntl(fd, F_SETLEASE, F_UNLCK).Ok();
            open("f", O_RDONLY).Ok();
            fcntl(fd, F_SETLEASE, F_WRLCK).Fails(EAGAIN);
        } },
    };

    /// <summary>Events of one file that wait, taken together: the kernel may have done so too.</summary>
    /// <summary>Within seconds the count is that of the data, and a little for what the file system adds.</summary>
    private static void BlocksBecome(long expected)
    {
        long blocks = 0;
        for (int i = 0; i < 50 && (blocks = Stat("f").Blocks) < expected; i++)
        {
            Thread.Sleep(100);
        }

        True(blocks >= expected && blocks <= expected + 64, $"{blocks} blocks, not {expected}");
    }

    private static (ulong Mask, int Process, string Content) FileEvents(int watch)
    {
        byte[] buffer = new byte[4096];
        byte[] content = new byte[100];
        int length = read(watch, buffer, (nuint)buffer.Length).Ok();
        (ulong mask, int process, int size) = (0, 0, 0);

        // struct fanotify_event_metadata: length 4, version 1, reserved 1, length of this 2, mask 8, descriptor 4, process 4.
        for (int at = 0; at < length; at += BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(at)))
        {
            mask |= BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan(at + 8));
            int fd = BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(at + 16));
            process = BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(at + 20));
            size = read(fd, content, (nuint)content.Length).Ok();
            close(fd).Ok();
        }

        return (mask, process, Text(content.AsSpan(0, size)));
    }

    /// <summary>Events that wait: a file's name and one bit each.</summary>
    private static IEnumerable<(string Name, uint Mask)> Events(int watch)
    {
        byte[] buffer = new byte[4096];
        int length = read(watch, buffer, (nuint)buffer.Length).Ok();

        // struct inotify_event: watch 4, mask 4, cookie 4, length of the name 4, name.
        for (int at = 0, size; at < length; at += 16 + size)
        {
            size = BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(at + 12));
            yield return (Text(buffer.AsSpan(at + 16, size)).TrimEnd('\0'), BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(at + 4)));
        }
    }
}
