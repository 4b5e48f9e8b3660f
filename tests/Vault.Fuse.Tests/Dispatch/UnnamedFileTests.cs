using Vault.Fuse.Protocol;
using Vault.Fuse.Tests.Support;
using Vault.Storage;
using static Vault.Fuse.Tests.Support.FuseClientOperations;

namespace Vault.Fuse.Tests.Dispatch;

public sealed class UnnamedFileTests : IDisposable
{
    private readonly TestVault _vault = new();
    private readonly FuseClient _client;

    public UnnamedFileTests()
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

    // Goal: a file without a name works like one that was unlinked: no links, nothing listed, gone with the last reference.
    // Method: make, write, read, forget; the number of inodes is as before.
    [Fact]
    public void It_lives_as_long_as_it_is_known()
    {
        long before = _vault.FileSystem.GetStatistics().InodeCount;
        Answer made = _client.CreateUnnamed(Root);
        FuseEntryOut entry = made.As<FuseEntryOut>();
        Assert.Equal((144, 0u, 0x81A4u, 1000u), (made.Body.Length, entry.Attr.Nlink, entry.Attr.Mode, entry.Attr.Uid));
        Assert.Equal(Errno.None, _client.Write(entry.NodeId, 0, new byte[100_000]).Errno);
        Assert.Equal(5000, _client.Read(entry.NodeId, 95_000, 10_000).Body.Length);
        Assert.DoesNotContain(_client.ReadAll(Root, 4096, _ => false), e => e.Inode == entry.NodeId);
        Assert.Equal(before + 1, _vault.FileSystem.GetStatistics().InodeCount);
        _ = _client.Forget(entry.NodeId, 1);
        Assert.Equal(before, _vault.FileSystem.GetStatistics().InodeCount);
        Assert.Equal(Errno.ENOENT, _client.Send(FuseOpcode.GetAttr, entry.NodeId, new byte[16]).Errno);
    }

    // Goal: a name makes it a file like others.
    // Method: link it, forget it, find it.
    [Fact]
    public void It_can_be_given_a_name()
    {
        ulong node = _client.CreateUnnamed(Root).As<FuseEntryOut>().NodeId;
        _ = _client.Write(node, 0, [1, 2, 3]);
        Assert.Equal(1u, _client.Send(FuseOpcode.Link, Root, Bytes.New.U64(node).Name("named").ToArray()).As<FuseEntryOut>().Attr.Nlink);
        _ = _client.Forget(node, 2);
        FuseEntryOut found = _client.Lookup(Root, "named").As<FuseEntryOut>();
        Assert.Equal((node, 1u, 3ul), (found.NodeId, found.Attr.Nlink, found.Attr.Size));
    }

    // Goal: it has the group and the rules of the directory in which it was made.
    // Method: a set-group-id directory, one that was removed, a file in its place.
    [Fact]
    public void The_directory_decides()
    {
        ulong directory = _client.MakeDirectory(Root, "directory").As<FuseEntryOut>().NodeId;
        _ = _client.SetAttributes(directory, FuseSetattrValid.Mode | FuseSetattrValid.Gid, mode: 0x4000 | 0x5ED, uid: 77);
        Assert.Equal(77u, _client.CreateUnnamed(directory).As<FuseEntryOut>().Attr.Gid);
        _ = _client.Send(FuseOpcode.RmDir, Root, Bytes.New.Name("directory").ToArray());
        Assert.Equal(Errno.ENOENT, _client.CreateUnnamed(directory).Errno);
        Assert.Equal(Errno.ENOTDIR, _client.CreateUnnamed(_client.CreateFile(Root, "file")).Errno);
    }
}
