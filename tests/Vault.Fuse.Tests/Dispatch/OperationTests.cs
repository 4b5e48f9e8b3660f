using Vault.Fuse.Dispatch;
using Vault.Fuse.Protocol;
using Vault.Fuse.Tests.Support;
using Vault.Storage;
using static Vault.Fuse.Tests.Support.FuseClientOperations;

namespace Vault.Fuse.Tests.Dispatch;

public sealed class OperationTests : IDisposable
{
    private readonly TestVault _vault = new();
    private readonly FuseClient _client;

    public OperationTests()
    {
        _client = new FuseClient(_vault.FileSystem);
        _ = _client.Init();
    }

    public void Dispose()
    {
        Assert.DoesNotContain(_client.Logger.Entries, entry => entry.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
        _client.Dispose();
        _vault.Dispose();
    }

    // Goal: the kernel may remember that a name is absent: no LOOKUP before the next plain create.
    // Method: node 0 with a timeout, in place of ENOENT.
    [Fact]
    public void Lookup_of_a_missing_name_is_a_cacheable_answer()
    {
        FuseEntryOut entry = _client.Lookup(Root, "missing").As<FuseEntryOut>();
        Assert.Equal(0ul, entry.NodeId);
        Assert.Equal(FuseProtocol.ForeverSeconds, entry.EntryValid);
    }

    // Goal: an entry says what the file system knows, cacheable for ever.
    // Method: create, then look up.
    [Fact]
    public void Lookup_finds_what_create_made()
    {
        Answer created = _client.Create(Root, "file");
        Assert.Equal(128 + 16, created.Body.Length);
        FuseEntryOut entry = created.As<FuseEntryOut>();
        FuseOpenOut opened = System.Runtime.InteropServices.MemoryMarshal.Read<FuseOpenOut>(created.Body.AsSpan(128));
        Assert.Equal((0ul, FuseOpenFlags.KeepCache), (opened.Fh, opened.OpenFlags));
        Assert.NotEqual(0ul, entry.NodeId);
        Assert.Equal((entry.NodeId, 0ul), (entry.Attr.Ino, entry.Generation));
        Assert.Equal((FuseProtocol.ForeverSeconds, FuseProtocol.ForeverSeconds), (entry.EntryValid, entry.AttrValid));
        Assert.Equal((0x81A4u, 1000u, 1001u, 1u), (entry.Attr.Mode, entry.Attr.Uid, entry.Attr.Gid, entry.Attr.Nlink));
        FuseEntryOut found = _client.Lookup(Root, "file").As<FuseEntryOut>();
        Assert.Equal(entry, found);
    }

    // Goal: names are checked here, as the kernel does not once max_pages is negotiated.
    // Method: the longest, the next, and names without their NUL, with a slash, or empty.
    [Fact]
    public void Names_are_checked()
    {
        Assert.Equal(Errno.None, _client.Lookup(Root, new string('n', 255)).Errno);
        Assert.Equal(Errno.ENAMETOOLONG, _client.Lookup(Root, new string('n', 256)).Errno);
        Assert.Equal(Errno.ENAMETOOLONG, _client.Create(Root, new string('n', 1000)).Errno);
        Assert.Equal(Errno.EINVAL, _client.Send(FuseOpcode.Lookup, Root, "name"u8.ToArray()).Errno);
        Assert.Equal(Errno.EINVAL, _client.Send(FuseOpcode.Lookup, Root).Errno);
        Assert.Equal(Errno.EINVAL, _client.Lookup(Root, "").Errno);
        Assert.Equal(Errno.EINVAL, _client.Lookup(Root, "a/b").Errno);
        Assert.Equal(Errno.EINVAL, _client.Create(Root, "..").Errno);
        Assert.Equal(Errno.EINVAL, _client.MakeDirectory(Root, ".").Errno);
    }

    // Goal: CREATE is one step: it makes or opens, and O_EXCL and O_TRUNC count.
    // Method: the cases of open(2).
    [Fact]
    public void Create_makes_or_opens()
    {
        const uint exclusive = 0x80, truncate = 0x200;
        ulong node = _client.CreateFile(Root, "file");
        Assert.Equal(Errno.None, _client.Write(node, 0, [1, 2, 3]).Errno);
        Assert.Equal(Errno.EEXIST, _client.Create(Root, "file", exclusive).Errno);
        FuseEntryOut again = _client.Create(Root, "file").As<FuseEntryOut>();
        Assert.Equal((node, 3ul), (again.NodeId, again.Attr.Size));
        Assert.Equal(Errno.None, _client.SetAttributes(node, FuseSetattrValid.Mode, mode: 0x9ED).Errno);
        FuseEntryOut cut = _client.Create(Root, "file", truncate, openFlags: (uint)FuseOpenInFlags.KillSuidgid).As<FuseEntryOut>();
        Assert.Equal((node, 0ul, 0x81EDu), (cut.NodeId, cut.Attr.Size, cut.Attr.Mode));
        _ = _client.MakeDirectory(Root, "directory");
        Assert.Equal(Errno.EISDIR, _client.Create(Root, "directory").Errno);
    }

    // Goal: data go in and out unchanged, and only the end of the file makes a read short.
    // Method: sizes around a page and a chunk, up to the largest transfer.
    [Theory]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(100_000)]
    [InlineData(FuseProtocol.MaxTransferBytes)]
    public void Read_returns_what_write_stored(int size)
    {
        byte[] data = new byte[size];
        new Random(size).NextBytes(data);
        ulong node = _client.CreateFile(Root, "data");
        Assert.Equal((uint)size, _client.Write(node, 10, data).As<FuseWriteOut>().Size);
        Assert.Equal(data, _client.Read(node, 10, (uint)size).Body);
        Assert.Equal(new byte[10], _client.Read(node, 0, 10).Body);
        Assert.Single(_client.Read(node, (ulong)size + 9, 4096).Body);
        Assert.Empty(_client.Read(node, (ulong)size + 10, 4096).Body);
        Assert.Equal((ulong)size + 10, _client.GetAttributes(node).Size);
    }

    // Goal: sizes and offsets that cannot be are refused, and nothing is written.
    // Method: a size beyond the payload, beyond the negotiated, an offset beyond 2^63.
    [Fact]
    public void Impossible_ranges_are_refused()
    {
        ulong node = _client.CreateFile(Root, "file");
        Assert.Equal(Errno.EINVAL, _client.Send(FuseOpcode.Write, node, WriteBody(0, 5, [1, 2, 3, 4])).Errno);
        Assert.Equal(Errno.EFBIG, _client.Write(node, long.MaxValue - 1, [1, 2, 3]).Errno);
        Assert.Equal(Errno.EFBIG, _client.Write(node, ulong.MaxValue, [1]).Errno);
        Assert.Equal(Errno.EINVAL, _client.Read(node, 0, (2 << 20) + 1).Errno);
        Assert.Equal(Errno.EINVAL, _client.Read(node, 1ul << 63, 1).Errno);
        Assert.Equal(Errno.EFBIG, _client.SetAttributes(node, FuseSetattrValid.Size, size: 1ul << 63).Errno);
        Assert.Equal(Errno.EINVAL, _client.SetAttributes(node, FuseSetattrValid.Mtime, nanoseconds: 1_000_000_000).Errno);
        Assert.Equal(0ul, _client.GetAttributes(node).Size);
    }

    // Goal: with the writeback cache the kernel owns the times of regular files, whichever way content is changed.
    // Method: a time set by SETATTR, then a cached or a direct write.
    [Theory]
    [InlineData((uint)FuseWriteFlags.Cache)]
    [InlineData(0u)]
    public void With_the_writeback_cache_content_does_not_touch_times(uint writeFlags)
    {
        ulong node = _client.CreateFile(Root, "file");
        _ = _client.SetAttributes(node, FuseSetattrValid.Mtime | FuseSetattrValid.Ctime, time: 1234, nanoseconds: 999_999_999);
        Assert.Equal(Errno.None, _client.Write(node, 0, [1], writeFlags).Errno);
        FuseAttr attributes = _client.GetAttributes(node);
        Assert.Equal((1234ul, 999_999_999u, 1234ul, 999_999_999u), (attributes.Mtime, attributes.MtimeNsec, attributes.Ctime, attributes.CtimeNsec));
    }

    // Goal: without the writeback cache every write changes the times.
    // Method: as above, with the flag that then means nothing.
    [Fact]
    public void Writes_through_touch_times()
    {
        using var client = new FuseClient(_vault.FileSystem, writebackCache: false);
        _ = client.Init();
        ulong node = client.CreateFile(Root, "file");
        _ = client.SetAttributes(node, FuseSetattrValid.Mtime, time: 1234);
        Assert.Equal(Errno.None, client.Write(node, 0, [1], (uint)FuseWriteFlags.Cache).Errno);
        Assert.NotEqual(1234ul, client.GetAttributes(node).Mtime);
    }

    // Goal: each bit of SETATTR changes its field and no other; none at all is legal; "now" wins over a given time.
    // Method: one after the other.
    [Fact]
    public void SetAttributes_changes_what_is_named()
    {
        ulong node = _client.CreateFile(Root, "file");
        FuseAttr before = _client.GetAttributes(node);
        Assert.Equal(Errno.None, _client.SetAttributes(node, 0).Errno);
        FuseAttr same = _client.GetAttributes(node);
        Assert.Equal((before.Mode, before.Size, before.Mtime, before.Uid), (same.Mode, same.Size, same.Mtime, same.Uid));
        FuseAttr after = _client.SetAttributes(
            node,
            FuseSetattrValid.Mode | FuseSetattrValid.Uid | FuseSetattrValid.Size | FuseSetattrValid.Atime | FuseSetattrValid.Mtime | FuseSetattrValid.Ctime,
            size: 5000, time: unchecked((ulong)-5), nanoseconds: 7, mode: 0x8DFF, uid: 77).As<FuseAttrOut>().Attr;
        Assert.Equal((0x8DFFu, 77u, before.Gid, 5000ul), (after.Mode, after.Uid, after.Gid, after.Size));
        Assert.Equal((unchecked((ulong)-5), unchecked((ulong)-5), unchecked((ulong)-5)), (after.Atime, after.Mtime, after.Ctime));
        Assert.Equal((7u, 7u, 7u), (after.AtimeNsec, after.MtimeNsec, after.CtimeNsec));
        FuseAttr killed = _client.SetAttributes(node, FuseSetattrValid.KillSuidgid).As<FuseAttrOut>().Attr;
        Assert.Equal(0x81FFu, killed.Mode);
        FuseAttr now = _client.SetAttributes(
            node, FuseSetattrValid.Atime | FuseSetattrValid.AtimeNow | FuseSetattrValid.Mtime | FuseSetattrValid.MtimeNow, time: 5).As<FuseAttrOut>().Attr;
        Assert.True(now.Atime > 1_700_000_000 && now.Mtime > 1_700_000_000);
    }

    // Goal: an unlinked inode lives until the kernel forgets it.
    // Method: unlink, use, forget, use.
    [Fact]
    public void Unlinked_inodes_live_until_they_are_forgotten()
    {
        ulong node = _client.CreateFile(Root, "file");
        Assert.Equal(Errno.None, _client.Send(FuseOpcode.Unlink, Root, Bytes.New.Name("file").ToArray()).Errno);
        Assert.Equal(Errno.None, _client.Write(node, 0, [1, 2, 3]).Errno);
        Assert.Equal(0u, _client.GetAttributes(node).Nlink);
        Assert.False(_client.Forget(node, 1).WasSent);
        Assert.Equal(Errno.ENOENT, _client.Send(FuseOpcode.GetAttr, node, new byte[16]).Errno);
    }

    // Goal: BATCH_FORGET takes back what each item says, and no more items than there are.
    // Method: two inodes, a count that lies.
    [Fact]
    public void BatchForget_forgets_each()
    {
        ulong[] nodes = [_client.CreateFile(Root, "a"), _client.CreateFile(Root, "b")];
        _ = _client.Send(FuseOpcode.Unlink, Root, Bytes.New.Name("a").ToArray());
        _ = _client.Send(FuseOpcode.Unlink, Root, Bytes.New.Name("b").ToArray());
        byte[] body = Bytes.New.U32(uint.MaxValue).U32(0).U64(nodes[0]).U64(1).U64(nodes[1]).U64(1).ToArray();
        Assert.False(_client.Send(FuseOpcode.BatchForget, 0, body).WasSent);
        foreach (ulong node in nodes)
            Assert.Equal(Errno.ENOENT, _client.Send(FuseOpcode.GetAttr, node, new byte[16]).Errno);
    }

    // Goal: names are made, moved and removed; flags of RENAME2 that contradict or are unknown are refused.
    // Method: one of each.
    [Fact]
    public void Names_are_made_moved_and_removed()
    {
        ulong file = _client.CreateFile(Root, "file");
        ulong directory = _client.MakeDirectory(Root, "directory").As<FuseEntryOut>().NodeId;
        FuseEntryOut linked = _client.Send(FuseOpcode.Link, directory, Bytes.New.U64(file).Name("link").ToArray()).As<FuseEntryOut>();
        Assert.Equal((file, 2u), (linked.NodeId, linked.Attr.Nlink));
        FuseEntryOut symlink = _client.Send(FuseOpcode.Symlink, directory, Bytes.New.Name("symlink").Name("to/where").ToArray()).As<FuseEntryOut>();
        Assert.Equal("to/where"u8.ToArray(), _client.Send(FuseOpcode.ReadLink, symlink.NodeId).Body);
        FuseEntryOut device = _client.Send(FuseOpcode.MkNod, directory, Bytes.New.U32(0x21B6).U32(0x103).U32(0).U32(0).Name("null").ToArray()).As<FuseEntryOut>();
        Assert.Equal((0x21B6u, 0x103u), (device.Attr.Mode, device.Attr.Rdev));
        Assert.Equal(Errno.None, _client.Send(FuseOpcode.Rename, Root, Bytes.New.U64(directory).Name("file").Name("link2").ToArray()).Errno);
        Assert.Equal(file, _client.Lookup(directory, "link2").As<FuseEntryOut>().NodeId);
        Assert.Equal(Errno.ENOTEMPTY, _client.Send(FuseOpcode.RmDir, Root, Bytes.New.Name("directory").ToArray()).Errno);
        foreach (uint flags in new uint[] { 3, 6, 8, uint.MaxValue })
        {
            byte[] body = Bytes.New.U64(directory).U32(flags).U32(0).Name("link2").Name("link3").ToArray();
            Assert.Equal(Errno.EINVAL, _client.Send(FuseOpcode.Rename2, directory, body).Errno);
        }

        foreach (string name in new[] { "link", "link2", "symlink", "null" })
            Assert.Equal(Errno.None, _client.Send(FuseOpcode.Unlink, directory, Bytes.New.Name(name).ToArray()).Errno);
        Assert.Equal(Errno.None, _client.Send(FuseOpcode.RmDir, Root, Bytes.New.Name("directory").ToArray()).Errno);
    }

    // Goal: what the kernel remembers for ever, or emulates, is answered so; the rest of the numbers as well.
    // Method: every opcode that there is no operation for.
    [Fact]
    public void Other_opcodes_are_answered_ENOSYS()
    {
        HashSet<FuseOpcode> served = [.. Enum.GetValues<FuseOpcode>().Where(opcode => opcode is
            not (FuseOpcode.Open or FuseOpcode.OpenDir or FuseOpcode.Flush or FuseOpcode.Access or FuseOpcode.Poll or FuseOpcode.LSeek
            or FuseOpcode.SyncFs or FuseOpcode.BMap
            or FuseOpcode.GetLk or FuseOpcode.SetLk or FuseOpcode.SetLkw or FuseOpcode.SetupMapping or FuseOpcode.RemoveMapping))];
        for (uint opcode = 0; opcode < 5000; opcode++)
        {
            if (served.Contains((FuseOpcode)opcode) || (FuseOpcode)opcode == FuseProtocol.CopyFileRange64)
                continue;
            Answer answer = _client.Send((FuseOpcode)opcode, Root, new byte[64]);
            Assert.Equal((true, Errno.ENOSYS), (answer.WasSent, answer.Errno));
            Assert.Equal(16u, _client.LastHeader.Len);
        }
    }

    // Goal: isatty() gets the error that it understands; what has no reply gets none; the rest of the small ones work.
    // Method: one of each.
    [Fact]
    public void Small_operations_are_answered()
    {
        Assert.Equal(Errno.ENOTTY, _client.Send(FuseOpcode.Ioctl, Root, new byte[32]).Errno);
        Assert.False(_client.Send(FuseOpcode.Interrupt, 0, Bytes.New.U64(4).ToArray()).WasSent);
        Assert.False(_client.Send(FuseOpcode.NotifyReply, Root, new byte[40]).WasSent);
        Assert.False(_client.Send(FuseOpcode.Forget, Root).WasSent);
        foreach (FuseOpcode opcode in new[] { FuseOpcode.Release, FuseOpcode.ReleaseDir, FuseOpcode.Destroy, FuseOpcode.FSync, FuseOpcode.FSyncDir })
            Assert.Equal((true, Errno.None), (_client.Send(opcode, Root, new byte[24]).WasSent, _client.Send(opcode, Root, new byte[24]).Errno));
        FuseKstatfs statistics = _client.Send(FuseOpcode.StatFs, Root).As<FuseKstatfs>();
        Assert.Equal((255u, 4096u, 4096u), (statistics.Namelen, statistics.Bsize, statistics.Frsize));
        Assert.True(statistics.Blocks >= statistics.Bfree && statistics.Bfree >= statistics.Bavail && statistics.Ffree > 0);
    }

    // Goal: a time of birth is told, which never changes; a device's number comes in two parts.
    // Method: STATX of a file that was changed, and of a device with large numbers, as new_encode_dev writes them.
    [Fact]
    public void Statx_tells_the_time_of_birth()
    {
        ulong node = _client.CreateFile(Root, "file");
        FuseAttr made = _client.GetAttributes(node);
        _ = _client.SetAttributes(node, FuseSetattrValid.Mtime | FuseSetattrValid.Atime | FuseSetattrValid.Ctime, time: 12345, nanoseconds: 678);
        FuseStatxOut reply = Statx(node);
        Assert.Equal((FuseProtocol.ForeverSeconds, FuseStatx.BasicStatsAndBirthTime), (reply.AttrValid, reply.Stat.Mask));
        Assert.Equal(((long)made.Ctime, made.CtimeNsec), (reply.Stat.Btime.TvSec, reply.Stat.Btime.TvNsec));
        Assert.Equal((12345L, 678u, 12345L, 12345L), (reply.Stat.Mtime.TvSec, reply.Stat.Mtime.TvNsec, reply.Stat.Atime.TvSec, reply.Stat.Ctime.TvSec));
        Assert.Equal((node, (ushort)0x81A4, 1000u, 1001u, 1u), (reply.Stat.Ino, reply.Stat.Mode, reply.Stat.Uid, reply.Stat.Gid, reply.Stat.Nlink));

        const uint major = 0x123, minor = 0xABCDE;
        const uint encoded = (minor & 0xFF) | (major << 8) | ((minor & ~0xFFu) << 12);
        ulong device = _client.Send(FuseOpcode.MkNod, Root, Bytes.New.U32(0x6180).U32(encoded).U32(0).U32(0).Name("device").ToArray()).As<FuseEntryOut>().NodeId;
        Assert.Equal(encoded, _client.GetAttributes(device).Rdev);
        FuseStatx stat = Statx(device).Stat;
        Assert.Equal((major, minor), (stat.RdevMajor, stat.RdevMinor));
    }

    // Goal: a handle that the kernel kept finds its inode again (open_by_handle_at): ".", of files too, and ".." of directories.
    // Method: look them up by number; a file that has no name any more is not found, and that is no cacheable name.
    [Fact]
    public void Inodes_are_found_by_number()
    {
        ulong directory = _client.MakeDirectory(Root, "directory").As<FuseEntryOut>().NodeId;
        ulong node = _client.CreateFile(directory, "file");
        Assert.Equal(node, _client.Lookup(node, ".").As<FuseEntryOut>().NodeId);
        Assert.Equal(directory, _client.Lookup(directory, ".").As<FuseEntryOut>().NodeId);
        Assert.Equal(Root, _client.Lookup(directory, "..").As<FuseEntryOut>().NodeId);
        Assert.Equal(Errno.ENOTDIR, _client.Lookup(node, "..").Errno);
        _ = _client.Send(FuseOpcode.Unlink, directory, Bytes.New.Name("file").ToArray());
        Assert.Equal(Errno.ENOENT, _client.Lookup(node, ".").Errno);
        Assert.Equal(Errno.ENOENT, _client.Lookup(node + 1000, ".").Errno);
    }

    // Goal: reading a file, a directory or a symlink moves its access time, unless the mount or O_NOATIME says no.
    // Method: access times in the past, one read of each; in a mount of each kind.
    [Theory]
    [InlineData(AccessTimes.Relative, true)]
    [InlineData(AccessTimes.Strict, true)]
    [InlineData(AccessTimes.Never, false)]
    public void Reading_moves_access_times(AccessTimes rule, bool moves)
    {
        using var client = new FuseClient(_vault.FileSystem, new ConnectionWishes { AccessTimes = rule });
        _ = client.Init();
        ulong file = client.CreateFile(Root, "file");
        _ = client.Write(file, 0, new byte[10_000]);
        ulong directory = client.MakeDirectory(Root, "directory").As<FuseEntryOut>().NodeId;
        ulong link = client.Send(FuseOpcode.Symlink, Root, Bytes.New.Name("link").Name("target").ToArray()).As<FuseEntryOut>().NodeId;
        foreach (ulong node in new[] { file, directory, link })
            _ = client.SetAttributes(node, FuseSetattrValid.Atime, time: 1000);
        _ = client.Send(FuseOpcode.Read, file, Bytes.New.U64(0).U64(0).U32(4096).U32(0).U64(0).U32(0x40000).U32(0).ToArray());
        Assert.Equal(1000ul, client.GetAttributes(file).Atime);
        _ = client.Read(file, 0, 4096);
        _ = client.Read(directory, 0, 4096, FuseOpcode.ReadDir);
        _ = client.Send(FuseOpcode.ReadLink, link);
        Assert.All(new[] { file, directory, link }, node => Assert.Equal(moves, client.GetAttributes(node).Atime != 1000));
    }

    private FuseStatxOut Statx(ulong node) =>
        _client.Send(FuseOpcode.Statx, node, Bytes.New.U32(0).U32(0).U64(0).U32(0).U32(0xFFF).ToArray()).As<FuseStatxOut>();
}
