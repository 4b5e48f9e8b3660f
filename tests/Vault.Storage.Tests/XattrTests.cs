using System.Text;
using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class XattrTests : IDisposable
{
    private readonly MemoryMedium _medium;
    private readonly MasterKey _master;
    private readonly InodeNumber _file;
    private VaultFileSystem _fileSystem;

    public XattrTests()
    {
        _medium = TestVault.Create(out _master);
        _fileSystem = TestVault.Open(_medium, _master);
        _file = _fileSystem.CreateFile("file");
    }

    public void Dispose() => _fileSystem.Dispose();

    // Goal: values of every length come back, also when another length replaces them, and after an unlock.
    // Method: lengths around where a piece ends (4096 less 6 bytes of head and the name) and around the limits.
    [Fact]
    public void Values_of_all_sizes_come_back()
    {
        int[] lengths = [0, 1, 4096 - 6 - 6, 4096 - 6 - 5, 4096, 8192 - 12, 8192 - 11, 40_000, 65_535, 65_536];
        foreach (int first in lengths)
        {
            Set("user.a", FileSystemExtensions.RandomBytes(first, 1), XattrMode.Any);
            foreach (int second in lengths)
            {
                byte[] value = FileSystemExtensions.RandomBytes(second, second);
                Set("user.a", value, XattrMode.Replace);
                Assert.Equal(value, Get("user.a"));
            }
        }

        foreach (int length in lengths)
            Set($"user.{length}", FileSystemExtensions.RandomBytes(length, length), XattrMode.Create);
        Reopen();
        foreach (int length in lengths)
            Assert.Equal(FileSystemExtensions.RandomBytes(length, length), Get($"user.{length}"));
        Assert.Equal(Errno.E2BIG, _fileSystem.SetXattr(_file, "user.b"u8, new byte[65_537], XattrMode.Any));
    }

    // Goal: the outcomes of setxattr(2), getxattr(2), listxattr(2), removexattr(2).
    [Fact]
    public void Outcomes_are_those_of_Linux()
    {
        Assert.Equal(Errno.ENODATA, _fileSystem.GetXattr(_file, "user.a"u8, new byte[10], out _));
        Assert.Equal(Errno.ENODATA, _fileSystem.RemoveXattr(_file, "user.a"u8));
        Assert.Equal(Errno.ENODATA, _fileSystem.SetXattr(_file, "user.a"u8, "1"u8, XattrMode.Replace));
        Set("user.a", "one"u8.ToArray(), XattrMode.Create);
        Assert.Equal(Errno.EEXIST, _fileSystem.SetXattr(_file, "user.a"u8, "1"u8, XattrMode.Create));
        Assert.Equal(Errno.EEXIST, _fileSystem.SetXattr(_file, "user.a"u8, "1"u8, XattrMode.Create | XattrMode.Replace));
        Assert.Equal("one"u8.ToArray(), Get("user.a"));
        Assert.Equal(Errno.ERANGE, _fileSystem.GetXattr(_file, "user.a"u8, new byte[2], out _));
        Assert.Equal(Errno.ENOENT, _fileSystem.GetXattr(new InodeNumber(999), "user.a"u8, new byte[2], out _));
        Assert.Equal(Errno.ENOENT, _fileSystem.SetXattr(new InodeNumber(999), "user.a"u8, "1"u8, XattrMode.Any));
        Assert.Equal(Errno.ERANGE, _fileSystem.SetXattr(_file, new byte[256], "1"u8, XattrMode.Any));
        Assert.Equal(Errno.EINVAL, _fileSystem.SetXattr(_file, "system.posix_acl_access"u8, "1"u8, XattrMode.Any));
        Assert.Equal(Errno.EOPNOTSUPP, _fileSystem.SetXattr(_file, "system.other"u8, "1"u8, XattrMode.Any));

        byte[] longName = [.. "user."u8, .. Enumerable.Repeat((byte)'n', 250)];
        Assert.Equal(Errno.None, _fileSystem.SetXattr(_file, longName, FileSystemExtensions.RandomBytes(9000), XattrMode.Any));
        Assert.Equal(Errno.None, _fileSystem.ListXattr(_file, default, out int length));
        Assert.Equal("user.a".Length + 1 + 256, length);
        Assert.Equal(Errno.ERANGE, _fileSystem.ListXattr(_file, new byte[length - 1], out _));
        byte[] names = new byte[length];
        Assert.Equal(Errno.None, _fileSystem.ListXattr(_file, names, out _));
        Assert.Equal(["", "user.a", Encoding.UTF8.GetString(longName)], Encoding.UTF8.GetString(names).Split('\0').Order(StringComparer.Ordinal));

        Assert.Equal(Errno.None, _fileSystem.RemoveXattr(_file, "user.a"u8));
        Assert.Equal(Errno.None, _fileSystem.RemoveXattr(_file, longName));
        Assert.Equal(Errno.None, _fileSystem.ListXattr(_file, default, out length));
        Assert.Equal(0, length);
    }

    // Goal: a list of names never grows beyond what listxattr(2) can return.
    [Fact]
    public void Names_are_limited_to_what_can_be_listed()
    {
        Errno outcome = Errno.None;
        int count = 0;
        for (; outcome == Errno.None && count < 400; count++)
            outcome = _fileSystem.SetXattr(_file, $"user.{new string('n', 240)}{count:D5}".Utf8(), "x"u8, XattrMode.Any);
        Assert.Equal(Errno.ENOSPC, outcome);
        Assert.Equal(Errno.None, _fileSystem.ListXattr(_file, default, out int length));
        Assert.InRange(length, 65_000, 65_536);
    }

    // Goal: what can be listed is counted right, whatever was done to this inode and others in between.
    // Method: fill up, with removals, replacements and another inode's attributes between; after a removal exactly one more fits.
    [Fact]
    public void The_limit_of_names_is_exact_after_other_changes()
    {
        const int most = 65536 / 256;
        InodeNumber other = _fileSystem.CreateFile("other");
        byte[] large = FileSystemExtensions.RandomBytes(10_000, 1);
        for (int i = 0; i < most; i++)
        {
            Assert.Equal(Errno.None, _fileSystem.SetXattr(_file, Name(i), i % 50 == 0 ? large : [], XattrMode.Create));
            if (i % 3 == 0)
                Assert.Equal(Errno.None, _fileSystem.SetXattr(other, Name(i), [], XattrMode.Create));
            if (i % 5 == 0)
                Assert.Equal(Errno.None, _fileSystem.SetXattr(_file, Name(i), large, XattrMode.Replace));
            if (i % 7 == 0)
            {
                Assert.Equal(Errno.None, _fileSystem.RemoveXattr(_file, Name(i)));
                Assert.Equal(Errno.None, _fileSystem.SetXattr(_file, Name(i), [], XattrMode.Create));
            }
        }

        Assert.Equal(Errno.ENOSPC, _fileSystem.SetXattr(_file, Name(most), [], XattrMode.Create));
        Assert.Equal(Errno.None, _fileSystem.RemoveXattr(_file, Name(0)));
        Assert.Equal(Errno.None, _fileSystem.SetXattr(_file, Name(most), [], XattrMode.Create));
        Assert.Equal(Errno.ENOSPC, _fileSystem.SetXattr(_file, Name(0), [], XattrMode.Create));
        Assert.Equal(Errno.None, _fileSystem.ListXattr(_file, default, out int length));
        Assert.Equal(65536, length);

        static byte[] Name(int number) => Encoding.ASCII.GetBytes($"user.{number:D250}");
    }

    // Goal: attributes go with their inode, and only with it.
    [Fact]
    public void Deleting_an_inode_deletes_its_attributes()
    {
        InodeNumber other = _fileSystem.CreateFile("other");
        Set("user.a", new byte[20_000], XattrMode.Any);
        Assert.Equal(Errno.None, _fileSystem.SetXattr(other, "user.a"u8, new byte[20_000], XattrMode.Any));
        Assert.Equal(Errno.None, _fileSystem.Unlink(InodeNumber.Root, "file"u8));
        _fileSystem.Forget(_file, 1);
        _fileSystem.Close();
        HashSet<ulong> owners = [];
        foreach (ContainerUnits.Unit unit in ContainerUnits.Of(_medium.Snapshot(), _master).Where(u => u.Pointer.Kind == SealKind.Leaf))
        {
            LeafPage leaf = new(unit.Plaintext);
            for (int i = 0; i < leaf.Count; i++)
            {
                if (leaf.KeyAt(i).Table == TableId.Xattrs)
                    owners.Add(leaf.KeyAt(i).Object);
            }
        }

        Assert.Equal([other.Value], owners);
    }

    private void Set(string name, byte[] value, XattrMode mode) => Assert.Equal(Errno.None, _fileSystem.SetXattr(_file, name.Utf8(), value, mode));

    private byte[] Get(string name)
    {
        Assert.Equal(Errno.None, _fileSystem.GetXattr(_file, name.Utf8(), default, out int length));
        byte[] value = new byte[length];
        Assert.Equal(Errno.None, _fileSystem.GetXattr(_file, name.Utf8(), value, out int again));
        Assert.Equal(length, again);
        return value;
    }

    private void Reopen()
    {
        _fileSystem.Close();
        VaultAudit.Check(_medium.Snapshot(), _master);
        _fileSystem = TestVault.Open(_medium, _master);
    }
}
