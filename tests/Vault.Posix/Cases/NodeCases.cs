namespace Vault.Posix.Cases;

/// <summary>mknod(2), fifos, sockets and devices.</summary>
internal static class NodeCases
{
    /// <summary>Major 1, minor 3: /dev/null.</summary>
    private const ulong NullDevice = 0x103;

    public static readonly Group Mknod = new("mknod")
    {
        { "makes files of every type with mode and device number", () =>
        {
            (FileType Type, ulong Device)[] all =
            [
                (FileType.Regular, 0), (FileType.Fifo, 0), (FileType.Socket, 0), (FileType.CharacterDevice, NullDevice), (FileType.BlockDevice, 0x70a),
            ];
            foreach ((FileType type, ulong device) in all)
            {
                string name = type.ToString();
                mknod(name, (Mode)0640 | type, device).Ok();
                Stat node = Lstat(name);
                (node.Type, node.Mode, node.Size, node.Links).Is((type, (Mode)0640, 0, 1), name);
                node.DeviceNumber.Is(((long)(device >> 8), (long)(device & 0xff)), name);
            }
        } },
        { "large device numbers", () =>
        {
            // makedev(4095, 1048575), as the C library encodes it.
            mknod("c", (Mode)0600 | FileType.CharacterDevice, 0xfffUL << 8 | 0xfffUL << 20 | 0xff).Ok();
            Lstat("c").DeviceNumber.Is((4095L, 1_048_575L));
        } },
        { "the umask takes bits", () => WithUmask(0077, () =>
        {
            mknod("f", (Mode)0666 | FileType.Regular, 0).Ok();
            mkfifo("p", 0666).Ok();
            (Stat("f").Mode, Stat("p").Mode).Is(((Mode)0600, (Mode)0600));
        }) },
        { "sets mtime and ctime of the directory", () =>
        {
            Directory("d");
            Sets("d", Times.Modify | Times.Change, () => mkfifo("d/p", 0644).Ok());
        } },
        { "EEXIST, ENOENT, ENOTDIR, ENAMETOOLONG", () =>
        {
            File("f");
            symlink("nowhere", "s").Ok();
            mkfifo("f", 0644).Fails(EEXIST);
            mkfifo("s", 0644).Fails(EEXIST);
            mkfifo("d/p", 0644).Fails(ENOENT);
            mkfifo("f/p", 0644).Fails(ENOTDIR);
            mkfifo(Long(NAME_MAX + 1), 0644).Fails(ENAMETOOLONG);
        } },
        { "ELOOP: a symlink to itself on the way", () =>
        {
            symlink("loop", "loop").Ok();
            mkfifo("loop/x", 0644).Fails(ELOOP);
        } },
        { "EPERM: an ordinary user makes a device, a directory by mknod", () =>
        {
            chmod(".", 0777).Ok();
            As(Alice, () =>
            {
                mknod("c", (Mode)0644 | FileType.CharacterDevice, NullDevice).Fails(EPERM);
                mknod("b", (Mode)0644 | FileType.BlockDevice, 0x700).Fails(EPERM);
                mkfifo("p", 0644).Ok();
            });
            mknod("d", (Mode)0755 | FileType.Directory, 0).Fails(EPERM);
        } },
        { "EINVAL: no type that there is", () => mknod("x", new Mode(0xf000), 0).Fails(EINVAL) },
        { "EACCES: the directory may not be written", () =>
        {
            Directory("d");
            As(Bob, () => mkfifo("d/p", 0644).Fails(EACCES));
        } },
    };

    public static readonly Group Fifo = new("fifo")
    {
        { "carries data from who writes to who reads", () =>
        {
            mkfifo("p", 0644).Ok();
            int fd = open("p", O_RDWR | O_NONBLOCK).Ok();
            Write(fd, "text");
            byte[] buffer = new byte[10];
            read(fd, buffer, 10).Is(4);
            read(fd, buffer, 10).Fails(EAGAIN);
            Stat("p").Size.Is(0);
        } },
        { "is no file to seek or map: ESPIPE, ENODEV", () =>
        {
            mkfifo("p", 0644).Ok();
            int fd = open("p", O_RDWR | O_NONBLOCK).Ok();
            lseek(fd, 0, SEEK_CUR).Fails(ESPIPE);
            pread(fd, new byte[1], 1, 0).Fails(ESPIPE);
            mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0).Fails(ENODEV);
        } },
        { "EACCES: permission is as of any file", () =>
        {
            mkfifo("p", 0600).Ok();
            As(Bob, () => open("p", O_RDONLY | O_NONBLOCK).Fails(EACCES));
        } },
    };

    public static readonly Group Socket = new("socket")
    {
        { "bind makes it with a name; a second bind is EADDRINUSE", () =>
        {
            int first = socket(1, 1, 0).Ok();
            bind(first, Address("s"), 110).Ok();
            Lstat("s").Type.Is(FileType.Socket);
            int second = socket(1, 1, 0).Ok();
            bind(second, Address("s"), 110).Fails(EADDRINUSE);
            unlink("s").Ok();
            bind(second, Address("s"), 110).Ok();
            close(first).Ok();
            close(second).Ok();
        } },
        { "who connects reaches who listens", () =>
        {
            int server = socket(1, 1, 0).Ok();
            int client = socket(1, 1, 0).Ok();
            bind(server, Address("s"), 110).Ok();
            connect(client, Address("s"), 110).Fails(ECONNREFUSED);
            listen(server, 1).Ok();
            connect(client, Address("s"), 110).Ok();
            close(client).Ok();
            close(server).Ok();
        } },
        { "the umask takes bits from its mode", () => WithUmask(0077, () =>
        {
            int fd = socket(1, 1, 0).Ok();
            bind(fd, Address("s"), 110).Ok();
            Lstat("s").Mode.Is(0700);
            close(fd).Ok();
        }) },
    };

    /// <summary><c>struct sockaddr_un</c>.</summary>
    private static byte[] Address(string path)
    {
        byte[] address = new byte[110];
        address[0] = 1;
        Bytes(path).CopyTo(address, 2);
        return address;
    }
}
