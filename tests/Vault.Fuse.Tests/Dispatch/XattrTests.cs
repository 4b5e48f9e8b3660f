using Vault.Fuse.Protocol;
using Vault.Fuse.Tests.Support;
using Vault.Storage;
using static Vault.Fuse.Tests.Support.FuseClientOperations;

namespace Vault.Fuse.Tests.Dispatch;

public sealed class XattrTests : IDisposable
{
    private readonly TestVault _vault = new();

    public void Dispose() => _vault.Dispose();

    // Goal: values and lists come back; size 0 asks for the length; what does not fit is ERANGE; what is missing is ENODATA.
    // Method: a value of each length that matters.
    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(65536)]
    public void Values_are_stored(int length)
    {
        using var client = new FuseClient(_vault.FileSystem);
        _ = client.Init();
        ulong node = client.CreateFile(Root, "file");
        byte[] value = new byte[length];
        new Random(length).NextBytes(value);
        Assert.Equal(Errno.ENODATA, client.GetXattr(node, "security.capability", 24).Errno);
        Assert.Equal(Errno.None, client.SetXattr(node, "user.name", value).Errno);
        Assert.Equal((uint)length, client.GetXattr(node, "user.name", 0).As<FuseGetxattrOut>().Size);
        Assert.Equal(value, client.GetXattr(node, "user.name", 65536).Body);
        if (length > 1)
            Assert.Equal(Errno.ERANGE, client.GetXattr(node, "user.name", (uint)length - 1).Errno);
        Assert.Equal("user.name\0"u8.ToArray(), client.Send(FuseOpcode.ListXattr, node, Bytes.New.U32(100).U32(0).ToArray()).Body);
        Assert.Equal(10u, client.Send(FuseOpcode.ListXattr, node, Bytes.New.U32(0).U32(0).ToArray()).As<FuseGetxattrOut>().Size);
        Assert.Equal(Errno.EEXIST, client.SetXattr(node, "user.name", value, flags: 1).Errno);
        Assert.Equal(Errno.ENODATA, client.SetXattr(node, "user.other", value, flags: 2).Errno);
        Assert.Equal(Errno.EINVAL, client.SetXattr(node, "user.other", value, flags: 4).Errno);
        Assert.Equal(Errno.None, client.Send(FuseOpcode.RemoveXattr, node, Bytes.New.Name("user.name").ToArray()).Errno);
        Assert.Equal(Errno.ENODATA, client.Send(FuseOpcode.RemoveXattr, node, Bytes.New.Name("user.name").ToArray()).Errno);
    }

    // Goal: an access control list is not taken and then disobeyed, nor is anything else that has a meaning.
    // Method: both names of POSIX lists where they are not in force, other names of system.*, and a namespace that does not exist.
    [Theory]
    [InlineData("system.posix_acl_access", false)]
    [InlineData("system.posix_acl_default", false)]
    [InlineData("system.posix_acl_other", true)]
    [InlineData("system.nfs4_acl", true)]
    [InlineData("nowhere.name", true)]
    public void Namespaces_that_mean_something_are_refused(string name, bool hasAcls)
    {
        using var client = new FuseClient(_vault.FileSystem, acls: hasAcls);
        _ = client.Init();
        Assert.Equal(Errno.EOPNOTSUPP, client.SetXattr(Root, name, [1]).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, client.GetXattr(Root, name, 100).Errno);
    }

    // Goal: without SETXATTR_EXT the header is 8 bytes; a size beyond the payload is refused.
    // Method: a session that was not offered it.
    [Fact]
    public void The_short_header_is_understood()
    {
        using var client = new FuseClient(_vault.FileSystem);
        _ = client.Init(flags: 0);
        byte[] body = Bytes.New.U32(3).U32(0).Name("user.a").Raw("abc"u8).ToArray();
        Assert.Equal(Errno.None, client.Send(FuseOpcode.SetXattr, Root, body).Errno);
        Assert.Equal("abc"u8.ToArray(), client.GetXattr(Root, "user.a", 100).Body);
        Assert.Equal(Errno.EINVAL, client.Send(FuseOpcode.SetXattr, Root, body[..^1]).Errno);
    }
}
