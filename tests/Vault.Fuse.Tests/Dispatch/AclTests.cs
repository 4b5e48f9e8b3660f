using Vault.Fuse.Protocol;
using Vault.Fuse.Tests.Support;
using Vault.Storage;
using static Vault.Fuse.Tests.Support.FuseClientOperations;

namespace Vault.Fuse.Tests.Dispatch;

public sealed class AclTests : IDisposable
{
    private const string AccessName = "system.posix_acl_access";
    private const string DefaultName = "system.posix_acl_default";

    private readonly TestVault _vault = new();
    private readonly FuseClient _client;

    public AclTests()
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

    // Goal: a list sets the permission bits, with the mask as the group's; one that says no more than they do is not kept.
    // Method: a list with a named user, the same with another mode, then three entries; the kernel's flag clears set-group-id.
    [Fact]
    public void A_list_and_the_mode_say_the_same()
    {
        ulong node = _client.Create(Root, "file", mode: 0x8000 | Octal("2664")).As<FuseEntryOut>().NodeId;
        byte[] list = Acl((1, 6), (2, 7), (4, 4), (16, 5), (32, 0));
        Assert.Equal(Errno.None, _client.SetXattr(node, AccessName, list).Errno);
        Assert.Equal(Octal("2650"), Permissions(node));
        Assert.Equal(list, _client.GetXattr(node, AccessName, 4096).Body);

        _ = _client.SetAttributes(node, FuseSetattrValid.Mode, mode: 0x8000 | Octal("2731"));
        Assert.Equal(Octal("2731"), Permissions(node));
        Assert.Equal(Acl((1, 7), (2, 7), (4, 4), (16, 3), (32, 1)), _client.GetXattr(node, AccessName, 4096).Body);

        Assert.Equal(Errno.None, SetAcl(node, Acl((1, 6), (4, 4), (32, 4)), clearSetGroupId: true).Errno);
        Assert.Equal(Octal("0644"), Permissions(node));
        Assert.Equal(Errno.ENODATA, _client.GetXattr(node, AccessName, 4096).Errno);
        Assert.Equal(Errno.None, _client.Send(FuseOpcode.RemoveXattr, node, Bytes.New.Name(AccessName).ToArray()).Errno);
    }

    // Goal: what is no list is refused, and changes nothing.
    // Method: each rule of the form broken once; a default list for a file.
    [Fact]
    public void What_is_no_list_is_refused()
    {
        ulong node = _client.CreateFile(Root, "file");
        byte[] good = Acl((1, 6), (4, 4), (32, 4));
        byte[][] bad =
        [
            [], good[..^1], good[..4], [.. good[..4], .. good[12..]], [3, .. good[1..]], [.. good, .. good[4..]],
            Acl((1, 6), (4, 4)), Acl((4, 4), (1, 6), (32, 4)), Acl((1, 8), (4, 4), (32, 4)), Acl((1, 6), (2, 4), (4, 4), (32, 4)),
            Acl((1, 6), (4, 4), (8, 4), (32, 4)), Acl((1, 6), (4, 4), (16, 4), (16, 4), (32, 4)), Acl((1, 6), (4, 4), (64, 4), (32, 4)),
        ];
        uint before = Permissions(node);
        Assert.All(bad, list => Assert.Equal(Errno.EINVAL, _client.SetXattr(node, AccessName, list).Errno));
        Assert.Equal(Errno.E2BIG, _client.SetXattr(node, AccessName, Acl([(1, 6), .. Enumerable.Repeat((2, 4), 504), (4, 4), (16, 4), (32, 4)])).Errno);
        Assert.Equal(Errno.EACCES, _client.SetXattr(node, DefaultName, good).Errno);
        Assert.Equal(before, Permissions(node));
        Assert.Equal(Errno.None, _client.SetXattr(node, AccessName, Acl([(1, 6), .. Enumerable.Repeat((2, 4), 503), (4, 4), (16, 4), (32, 4)])).Errno);
    }

    // Goal: a default list goes before the umask, is narrowed by the mode asked for, and passes on to directories.
    // Method: each way to make something in a directory with and without one; the requests carry umask 022.
    [Fact]
    public void A_default_list_is_inherited()
    {
        ulong plain = _client.MakeDirectory(Root, "plain").As<FuseEntryOut>().NodeId;
        Assert.Equal(Octal("0755"), Permissions(_client.MakeDirectory(plain, "child", mode: Octal("0777")).As<FuseEntryOut>().NodeId));
        Assert.Equal(Octal("0644"), Permissions(_client.Create(plain, "file", mode: 0x8000 | Octal("0666")).As<FuseEntryOut>().NodeId));

        byte[] list = Acl((1, 7), (2, 7), (4, 5), (16, 7), (32, 1));
        ulong parent = _client.MakeDirectory(Root, "parent").As<FuseEntryOut>().NodeId;
        Assert.Equal(Errno.None, _client.SetXattr(parent, DefaultName, list).Errno);
        Assert.Equal(Octal("0755"), Permissions(parent));
        byte[] narrowed = Acl((1, 6), (2, 7), (4, 5), (16, 6), (32, 0));
        foreach (Answer made in new[]
        {
            _client.Create(parent, "file", mode: 0x8000 | Octal("0666")),
            _client.Send(FuseOpcode.MkNod, parent, Bytes.New.U32(0x1000 | Octal("0666")).U32(0).U32(0x12).U32(0).Name("fifo").ToArray()),
            _client.CreateUnnamed(parent, 0x8000 | Octal("0666")),
        })
        {
            ulong node = made.As<FuseEntryOut>().NodeId;
            Assert.Equal(Octal("0660"), made.As<FuseEntryOut>().Attr.Mode & 0xFFF);
            Assert.Equal(narrowed, _client.GetXattr(node, AccessName, 4096).Body);
            Assert.Equal(Errno.ENODATA, _client.GetXattr(node, DefaultName, 4096).Errno);
        }

        ulong child = _client.MakeDirectory(parent, "child", mode: Octal("0777")).As<FuseEntryOut>().NodeId;
        Assert.Equal(Octal("0771"), Permissions(child));
        Assert.Equal(list, _client.GetXattr(child, DefaultName, 4096).Body);
        Assert.Equal(list, _client.GetXattr(child, AccessName, 4096).Body);
    }

    // Goal: a default list that names nobody sets modes and leaves nothing behind on files.
    // Method: three entries.
    [Fact]
    public void A_minimal_default_list_only_sets_the_mode()
    {
        ulong parent = _client.MakeDirectory(Root, "parent").As<FuseEntryOut>().NodeId;
        Assert.Equal(Errno.None, _client.SetXattr(parent, DefaultName, Acl((1, 7), (4, 0), (32, 0))).Errno);
        ulong node = _client.Create(parent, "file", mode: 0x8000 | Octal("0666")).As<FuseEntryOut>().NodeId;
        Assert.Equal(Octal("0600"), Permissions(node));
        Assert.Empty(_client.Send(FuseOpcode.ListXattr, node, Bytes.New.U32(100).U32(0).ToArray()).Body);
    }

    // Goal: names are shown to whom they concern.
    // Method: trusted.* and a list, asked by an ordinary user and by root, with lists in force and without.
    [Theory]
    [InlineData(true, 1000, "system.posix_acl_access\0user.b\0")]
    [InlineData(true, 0, "system.posix_acl_access\0trusted.a\0user.b\0")]
    [InlineData(false, 1000, "user.b\0")]
    public void Listed_names_depend_on_who_asks(bool hasAcls, int user, string expected)
    {
        ulong node = _client.CreateFile(Root, "file");
        _ = _client.SetXattr(node, "trusted.a", [1]);
        _ = _client.SetXattr(node, "user.b", [1]);
        _ = _client.SetXattr(node, AccessName, Acl((1, 6), (2, 4), (4, 4), (16, 4), (32, 4)));
        using var client = new FuseClient(_vault.FileSystem, acls: hasAcls) { UserId = (uint)user };
        _ = client.Init();
        byte[] names = client.Send(FuseOpcode.ListXattr, node, Bytes.New.U32(100).U32(0).ToArray()).Body;
        string[] sorted = [.. System.Text.Encoding.ASCII.GetString(names).Split('\0', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, string.Concat(sorted.Select(name => name + "\0")));
        Assert.Equal((uint)names.Length, client.Send(FuseOpcode.ListXattr, node, Bytes.New.U32(0).U32(0).ToArray()).As<FuseGetxattrOut>().Size);
    }

    private static uint Octal(string digits) => Convert.ToUInt32(digits, 8);

    private static byte[] Acl(params (int Tag, int Permissions)[] entries)
    {
        Bytes list = Bytes.New.U32(2);
        foreach ((int tag, int permissions) in entries)
            list = list.U32((uint)(tag | (permissions << 16))).U32(tag is 2 or 8 ? 1234 : uint.MaxValue);
        return list.ToArray();
    }

    private Answer SetAcl(ulong node, byte[] list, bool clearSetGroupId) => _client.Send(
        FuseOpcode.SetXattr, node, Bytes.New.U32((uint)list.Length).U32(0).U32(clearSetGroupId ? 1u : 0).U32(0).Name(AccessName).Raw(list).ToArray());

    private uint Permissions(ulong node) => _client.GetAttributes(node).Mode & 0xFFF;
}
