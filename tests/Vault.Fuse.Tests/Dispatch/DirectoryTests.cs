using Vault.Fuse.Protocol;
using Vault.Fuse.Tests.Support;
using Vault.Storage;
using static Vault.Fuse.Tests.Support.FuseClientOperations;

namespace Vault.Fuse.Tests.Dispatch;

public sealed class DirectoryTests : IDisposable
{
    private const int EntryCount = 300;

    private readonly TestVault _vault = new();
    private readonly FuseClient _client;
    private readonly ulong _directory;

    public DirectoryTests()
    {
        _client = new FuseClient(_vault.FileSystem);
        _ = _client.Init();
        _directory = _client.MakeDirectory(Root, "directory").As<FuseEntryOut>().NodeId;
        for (int i = 0; i < EntryCount; i++)
            _ = _client.Forget(_client.CreateFile(_directory, Name(i)), 1);
    }

    public void Dispose()
    {
        _client.Dispose();
        _vault.Dispose();
    }

    // Goal: every entry is listed once, whichever of the two requests asks and however little fits.
    // Method: only one kind, only the other, both in turn, as the kernel mixes them on one directory; several sizes.
    [Theory]
    [InlineData(4096)]
    [InlineData(1000)]
    [InlineData(32768)]
    public void All_entries_are_listed_once(uint size)
    {
        List<ListedEntry> plain = _client.ReadAll(_directory, size, _ => false);
        List<ListedEntry> plus = _client.ReadAll(_directory, size, _ => true);
        List<ListedEntry> mixed = _client.ReadAll(_directory, size, request => request % 2 == 0);
        IEnumerable<string> names = new[] { ".", ".." }.Concat(Enumerable.Range(0, EntryCount).Select(Name));
        Assert.Equal(names.Order(StringComparer.Ordinal), plain.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        Assert.Equal(plain.Select(entry => (entry.Name, entry.Cookie, entry.Inode, entry.Type)), plus.Select(entry => (entry.Name, entry.Cookie, entry.Inode, entry.Type)));
        Assert.Equal(plain.Select(entry => entry.Name), mixed.Select(entry => entry.Name));
        Assert.Equal([".", ".."], plain.Take(2).Select(entry => entry.Name));
        Assert.All(plain, entry => Assert.Equal(entry.Name.StartsWith('.') ? 4u : 8u, entry.Type));
    }

    // Goal: READDIRPLUS takes a reference for each entry that it placed, and none for "." and ".." nor for the one that did not fit.
    // Method: list one buffer, unlink all; what was listed lives until it is forgotten once, the rest is gone at once.
    [Fact]
    public void ReadDirPlus_references_what_it_placed()
    {
        List<ListedEntry> listed = DirectoryListing.Parse(_client.Read(_directory, 0, 4096, FuseOpcode.ReadDirPlus).Body, plus: true);
        Assert.Equal([0ul, 0ul], listed.Take(2).Select(entry => entry.NodeId));
        Dictionary<string, ulong> all = _client.ReadAll(_directory, 65536, _ => false).Skip(2).ToDictionary(entry => entry.Name, entry => entry.Inode);
        foreach (string name in all.Keys)
            Assert.Equal(Errno.None, _client.Send(FuseOpcode.Unlink, _directory, Bytes.New.Name(name).ToArray()).Errno);
        HashSet<ulong> referenced = [.. listed.Skip(2).Select(entry => entry.NodeId)];
        Assert.InRange(referenced.Count, 10, EntryCount / 2);
        foreach (ulong inode in all.Values)
            Assert.Equal(referenced.Contains(inode) ? Errno.None : Errno.ENOENT, _client.Send(FuseOpcode.GetAttr, inode, new byte[16]).Errno);
        foreach (ulong inode in referenced)
        {
            _ = _client.Forget(inode, 1);
            Assert.Equal(Errno.ENOENT, _client.Send(FuseOpcode.GetAttr, inode, new byte[16]).Errno);
        }
    }

    // Goal: no room for a single entry is not taken for the end of the directory.
    // Method: a buffer of 8 bytes.
    [Theory]
    [InlineData((int)FuseOpcode.ReadDir)]
    [InlineData((int)FuseOpcode.ReadDirPlus)]
    public void Too_little_room_is_an_error(int opcode) =>
        Assert.Equal(Errno.EINVAL, _client.Read(_directory, 0, 8, (FuseOpcode)opcode).Errno);

    private static string Name(int index) => $"entry-{index:D4}" + new string('x', index % 17);
}
