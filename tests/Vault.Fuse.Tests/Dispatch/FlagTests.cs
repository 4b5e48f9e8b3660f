using System.Buffers.Binary;
using Vault.Fuse.Operations;
using Vault.Fuse.Protocol;
using Vault.Fuse.Tests.Protocol;
using Vault.Fuse.Tests.Support;
using Vault.Storage;
using static Vault.Fuse.Tests.Support.FuseClientOperations;

namespace Vault.Fuse.Tests.Dispatch;

public sealed class FlagTests : IDisposable
{
    private const uint Immutable = 0x10, AppendOnly = 0x20, NoDump = 0x40, NoAccessTime = 0x80;
    private const uint ReadOnly = 0, WriteOnly = 1, Append = 0x400;

    private readonly TestVault _vault = new();
    private readonly List<InodeNumber> _notified = [];
    private readonly FuseClient _client;
    private readonly ulong _file;

    public FlagTests()
    {
        _client = new FuseClient(_vault.FileSystem);
        _ = _client.Init();
        _client.Session.AttributesChanged = _notified.Add;
        _file = _client.CreateFile(Root, "file");
        _ = _client.Write(_file, 0, new byte[100]);
    }

    public void Dispose()
    {
        Assert.DoesNotContain(_client.Logger.Entries, entry => entry.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
        _client.Dispose();
        _vault.Dispose();
    }

    // Goal: requests and flags have the kernel's numbers.
    // Method: a C program prints them.
    [Fact]
    public void Numbers_are_those_of_the_headers()
    {
        Dictionary<string, long> expected = CProgram.CompileAndRun("""
            #include <stdio.h>
            #include <linux/fs.h>
            #define P(label, value) printf(label " %lld\n", (long long)(unsigned)(value))
            int main(void) {
                P("get", FS_IOC_GETFLAGS); P("set", FS_IOC_SETFLAGS); P("getx", FS_IOC_FSGETXATTR); P("setx", FS_IOC_FSSETXATTR);
                P("size", sizeof(struct fsxattr)); P("immutable", FS_IMMUTABLE_FL); P("append", FS_APPEND_FL); P("nodump", FS_NODUMP_FL);
                P("noatime", FS_NOATIME_FL);
                P("extended", FS_XFLAG_IMMUTABLE | FS_XFLAG_APPEND << 8 | FS_XFLAG_NODUMP << 16 | FS_XFLAG_NOATIME << 20);
                return 0; }
            """);
        Assert.Equal((FlagOperations.GetFlags, FlagOperations.SetFlags), ((uint)expected["get"], (uint)expected["set"]));
        Assert.Equal((FlagOperations.GetExtendedFlags, FlagOperations.SetExtendedFlags), ((uint)expected["getx"], (uint)expected["setx"]));
        Assert.Equal(FlagOperations.ExtendedFlagsBytes, expected["size"]);
        Assert.Equal((Immutable, AppendOnly, NoDump, NoAccessTime), ((uint)expected["immutable"], (uint)expected["append"], (uint)expected["nodump"], (uint)expected["noatime"]));
        Assert.Equal((uint)AttributeFlags.Known, Immutable | AppendOnly | NoDump | NoAccessTime);
        Assert.Equal(0x08u | (0x10 << 8) | (0x80 << 16) | (0x40 << 20), (uint)expected["extended"]);
    }

    // Goal: flags are kept, in both forms; what is not obeyed is not taken.
    // Method: set in one form, get in the other; unknown flags, a fifo, short requests.
    [Fact]
    public void Flags_are_kept()
    {
        Assert.Equal(Errno.None, Set(_file, NoDump | NoAccessTime).Errno);
        Assert.Equal([new InodeNumber(_file)], _notified);
        Assert.Equal(NoDump | NoAccessTime, Get(_file));
        Answer extended = Ioctl(_file, FlagOperations.GetExtendedFlags, [], 28);
        Assert.Equal((44, 0xC0u), (extended.Body.Length, BinaryPrimitives.ReadUInt32LittleEndian(extended.Body.AsSpan(16))));
        Assert.Equal(Errno.None, Ioctl(_file, FlagOperations.SetExtendedFlags, [0x18, .. new byte[27]], 0).Errno);
        Assert.Equal(Immutable | AppendOnly, Get(_file));

        Assert.Equal(Errno.EPERM, Set(_file, Immutable).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, Set(_file, 0x8).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, Ioctl(_file, FlagOperations.SetExtendedFlags, [0x20, .. new byte[27]], 0).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, Ioctl(_file, FlagOperations.SetExtendedFlags, [0, 0, 0, 0, 1, .. new byte[23]], 0).Errno);
        Assert.Equal(Errno.EINVAL, Ioctl(_file, FlagOperations.GetFlags, [], 3).Errno);
        Assert.Equal(Errno.EINVAL, Ioctl(_file, FlagOperations.SetFlags, [0, 0, 0], 0).Errno);
        ulong fifo = _client.Send(FuseOpcode.MkNod, Root, Bytes.New.U32(0x1180).U32(0).U32(0).U32(0).Name("fifo").ToArray()).As<FuseEntryOut>().NodeId;
        Assert.Equal(Errno.ENOTTY, Set(fifo, NoDump).Errno);
        Assert.Equal(Errno.ENOTTY, Ioctl(fifo, FlagOperations.GetFlags, [], 4).Errno);
        Assert.Equal(Errno.ENOTTY, Ioctl(_file, 0x5401, [], 100).Errno);
    }

    // Goal: immutable means that nothing changes; append-only that it may grow. Both until the flag goes.
    // Method: every request that changes something, for each flag, and its outcome.
    [Theory]
    [InlineData(Immutable, Errno.EPERM)]
    [InlineData(AppendOnly, Errno.None)]
    public void A_protected_file_refuses_changes(uint flag, Errno growing)
    {
        _ = _client.SetXattr(_file, "user.kept", [1]);
        _ = _client.CreateFile(Root, "other");
        Assert.Equal(Errno.None, Set(_file, flag).Errno);
        FuseAttr before = _client.GetAttributes(_file);
        Answer[] refused =
        [
            _client.Send(FuseOpcode.Unlink, Root, Bytes.New.Name("file").ToArray()),
            _client.Send(FuseOpcode.Link, Root, Bytes.New.U64(_file).Name("link").ToArray()),
            Rename("file", "moved", 0), Rename("other", "file", 0), Rename("file", "other", 2), Rename("other", "file", 2),
            _client.SetAttributes(_file, FuseSetattrValid.Mode, mode: 0x81FF), _client.SetAttributes(_file, FuseSetattrValid.Uid, uid: 5),
            _client.SetAttributes(_file, FuseSetattrValid.Gid, uid: 5), _client.SetAttributes(_file, FuseSetattrValid.Size, size: 50),
            _client.SetAttributes(_file, FuseSetattrValid.Size, size: 500),
            _client.SetAttributes(_file, FuseSetattrValid.Atime | FuseSetattrValid.Mtime, time: 5),
            _client.SetAttributes(_file, FuseSetattrValid.Mtime | FuseSetattrValid.Ctime, time: 5),
            _client.SetAttributes(_file, FuseSetattrValid.Mtime | FuseSetattrValid.MtimeNow),
            _client.SetXattr(_file, "user.new", [1]), _client.Send(FuseOpcode.RemoveXattr, _file, Bytes.New.Name("user.kept").ToArray()),
            _client.Write(_file, 99, [1, 2]),
        ];
        Assert.All(refused, answer => Assert.Equal(Errno.EPERM, answer.Errno));
        Assert.Equal(growing, _client.SetAttributes(_file, FuseSetattrValid.Atime | FuseSetattrValid.AtimeNow | FuseSetattrValid.Mtime | FuseSetattrValid.MtimeNow).Errno);
        Assert.Equal(growing, _client.Write(_file, 100, [1, 2]).Errno);
        FuseAttr after = _client.GetAttributes(_file);
        Assert.Equal((before.Mode, before.Uid, before.Nlink), (after.Mode, after.Uid, after.Nlink));

        // What the kernel had collected before comes late, with its times.
        Assert.Equal(Errno.None, _client.Write(_file, 0, new byte[4096], writeFlags: (uint)FuseWriteFlags.Cache).Errno);
        Assert.Equal(Errno.None, _client.SetAttributes(_file, FuseSetattrValid.Mtime | FuseSetattrValid.Ctime, time: after.Mtime + 1).Errno);
        Assert.Equal(Errno.None, Set(_file, 0).Errno);
        Assert.Equal(Errno.None, _client.Send(FuseOpcode.Unlink, Root, Bytes.New.Name("file").ToArray()).Errno);
    }

    // Goal: a protected directory keeps its entries; an append-only one may gain some.
    // Method: add, remove, move in, move out, for each flag.
    [Theory]
    [InlineData(Immutable, Errno.EPERM)]
    [InlineData(AppendOnly, Errno.None)]
    public void A_protected_directory_keeps_its_entries(uint flag, Errno growing)
    {
        ulong directory = _client.MakeDirectory(Root, "directory").As<FuseEntryOut>().NodeId;
        _ = _client.CreateFile(directory, "kept");
        Assert.Equal(Errno.None, Set(directory, flag | NoDump).Errno);
        Assert.Equal(growing, _client.Create(directory, "new").Errno);
        Assert.Equal(growing, _client.CreateUnnamed(directory).Errno);
        Assert.Equal(growing, _client.MakeDirectory(directory, "sub").Errno);
        Assert.Equal(growing, _client.Send(FuseOpcode.Symlink, directory, Bytes.New.Name("symlink").Name("target").ToArray()).Errno);
        Assert.Equal(growing, _client.Send(FuseOpcode.Link, directory, Bytes.New.U64(_file).Name("link").ToArray()).Errno);
        Assert.Equal(growing, _client.Send(FuseOpcode.Rename, Root, Bytes.New.U64(directory).Name("file").Name("moved").ToArray()).Errno);
        Assert.Equal(Errno.EPERM, _client.Send(FuseOpcode.Unlink, directory, Bytes.New.Name("kept").ToArray()).Errno);
        Assert.Equal(Errno.EPERM, _client.Send(FuseOpcode.Rename, directory, Bytes.New.U64(Root).Name("kept").Name("out").ToArray()).Errno);
        Assert.Equal(Errno.EPERM, _client.Send(FuseOpcode.RmDir, Root, Bytes.New.Name("directory").ToArray()).Errno);
        Assert.Equal(Errno.EPERM, Rename("directory", "renamed", 0).Errno);
        if (growing == Errno.None)
            Assert.Equal(NoDump, Get(_client.Lookup(directory, "new").As<FuseEntryOut>().NodeId));
    }

    // Goal: opening is free of requests until there is something to refuse, and then refused where it must be.
    // Method: a mount before the first flag and one after it; each way to open.
    [Fact]
    public void Opening_is_checked_once_there_are_flags()
    {
        Assert.Equal(Errno.ENOSYS, Open(_client, _file, WriteOnly).Errno);
        Assert.Equal(Errno.None, Set(_file, Immutable).Errno);
        Assert.Equal(Errno.ENOSYS, Open(_client, _file, WriteOnly).Errno);
        ulong log = _client.CreateFile(Root, "log");
        Assert.Equal(Errno.None, Set(log, AppendOnly).Errno);

        using var later = new FuseClient(_vault.FileSystem);
        _ = later.Init();
        Assert.Equal(Errno.EPERM, Open(later, _file, WriteOnly).Errno);
        Assert.Equal(Errno.EPERM, Open(later, _file, WriteOnly | Append).Errno);
        Assert.Equal(FuseOpenFlags.KeepCache, Open(later, _file, ReadOnly).As<FuseOpenOut>().OpenFlags);
        Assert.Equal(Errno.EPERM, Open(later, log, WriteOnly).Errno);
        Assert.Equal(FuseOpenFlags.KeepCache, Open(later, log, ReadOnly).As<FuseOpenOut>().OpenFlags);
        Assert.Equal(FuseOpenFlags.KeepCache | FuseOpenFlags.DirectIo, Open(later, log, WriteOnly | Append).As<FuseOpenOut>().OpenFlags);
        Assert.Equal(FuseOpenFlags.KeepCache, Open(later, later.CreateFile(Root, "other"), WriteOnly).As<FuseOpenOut>().OpenFlags);
        Assert.Equal(Errno.EINVAL, later.Send(FuseOpcode.Open, log, new byte[7]).Errno);
    }

    // Goal: a write to a file that became immutable while it was open is refused before the kernel collects it.
    // Method: what the kernel asks before: is there a capability? Then remove it. Who asks for the value gets none.
    [Fact]
    public void Writes_to_an_open_immutable_file_are_stopped()
    {
        Assert.Equal(Errno.ENODATA, _client.GetXattr(_file, "security.capability", 0).Errno);
        Assert.Equal(Errno.None, Set(_file, Immutable).Errno);
        Assert.Equal(20u, _client.GetXattr(_file, "security.capability", 0).As<FuseGetxattrOut>().Size);
        Assert.Equal(Errno.EPERM, _client.Send(FuseOpcode.RemoveXattr, _file, Bytes.New.Name("security.capability").ToArray()).Errno);
        Assert.Equal(Errno.ENODATA, _client.GetXattr(_file, "security.capability", 100).Errno);
        Assert.Equal(Errno.ENODATA, _client.GetXattr(_file, "security.other", 0).Errno);
        Assert.Equal(Errno.ENODATA, _client.GetXattr(_client.CreateFile(Root, "other"), "security.capability", 0).Errno);
    }

    private static Answer Open(FuseClient client, ulong node, uint flags) => client.Send(FuseOpcode.Open, node, Bytes.New.U32(flags).U32(0).ToArray());

    private Answer Ioctl(ulong node, uint command, byte[] data, uint room) =>
        _client.Send(FuseOpcode.Ioctl, node, Bytes.New.U64(0).U32(0).U32(command).U64(0).U32((uint)data.Length).U32(room).Raw(data).ToArray());

    private Answer Set(ulong node, uint flags) => Ioctl(node, FlagOperations.SetFlags, Bytes.New.U32(flags).ToArray(), 0);

    private uint Get(ulong node) => BinaryPrimitives.ReadUInt32LittleEndian(Ioctl(node, FlagOperations.GetFlags, [], 4).Body.AsSpan(16));

    private Answer Rename(string from, string to, uint flags) =>
        _client.Send(FuseOpcode.Rename2, Root, Bytes.New.U64(Root).U32(flags).U32(0).Name(from).Name(to).ToArray());
}
