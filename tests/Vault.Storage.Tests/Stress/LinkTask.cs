namespace Vault.Storage.Tests;

/// <summary>Threads give one inode names and attributes of their own: each finds what it put there, and the links are counted right.</summary>
internal sealed class LinkTask(VaultFileSystem fileSystem, InodeNumber directory, InodeNumber file, int thread) : StressTask(fileSystem)
{
    private readonly bool[] _isLinked = new bool[10];
    private readonly byte[]?[] _attributes = new byte[]?[4];

    public override void CheckAtEnd(VaultFileSystem opened)
    {
        for (int i = 0; i < _isLinked.Length; i++)
            CheckLink(opened, i);
        for (int i = 0; i < _attributes.Length; i++)
            CheckAttribute(opened, i);
        int names = FileSystemDump.List(opened, directory).Count(e => e.Attributes.Inode == file);
        Assert.Equal(names, (int)opened.Stat(file).LinkCount);
    }

    protected override void StepCore(Random random)
    {
        int link = random.Next(_isLinked.Length);
        int attribute = random.Next(_attributes.Length);
        switch (random.Next(4))
        {
            case 0:
                Doing = "linking or unlinking";
                Succeeds(_isLinked[link] ? FileSystem.Unlink(directory, LinkName(link)) : Link(link));
                _isLinked[link] = !_isLinked[link];
                break;
            case 1:
                Doing = "setting or removing an attribute";
                ChangeAttribute(attribute, random);
                break;
            case 2:
                Doing = "looking for a link";
                CheckLink(FileSystem, link);
                break;
            default:
                Doing = "reading an attribute";
                CheckAttribute(FileSystem, attribute);
                break;
        }
    }

    private Errno Link(int link)
    {
        Errno outcome = FileSystem.Link(file, directory, LinkName(link), out InodeAttributes attributes);
        FileSystem.Forget(attributes.Inode, 1);
        return outcome;
    }

    private void ChangeAttribute(int attribute, Random random)
    {
        if (_attributes[attribute] is not null && random.Next(3) == 0)
        {
            Succeeds(FileSystem.RemoveXattr(file, AttributeName(attribute)));
            _attributes[attribute] = null;
            return;
        }

        byte[] value = new byte[random.Next(9000)];
        random.NextBytes(value);
        Succeeds(FileSystem.SetXattr(file, AttributeName(attribute), value, _attributes[attribute] is null ? XattrMode.Create : XattrMode.Replace));
        _attributes[attribute] = value;
    }

    private void CheckLink(VaultFileSystem fileSystem, int link)
    {
        Errno outcome = fileSystem.Lookup(directory, LinkName(link), out InodeAttributes found);
        Assert.Equal(_isLinked[link] ? Errno.None : Errno.ENOENT, outcome);
        if (outcome != Errno.None)
            return;
        Assert.Equal(file, found.Inode);
        fileSystem.Forget(file, 1);
    }

    private void CheckAttribute(VaultFileSystem fileSystem, int attribute)
    {
        byte[] value = new byte[XattrTable.MaxValueLength];
        Errno outcome = fileSystem.GetXattr(file, AttributeName(attribute), value, out int length);
        if (_attributes[attribute] is not { } expected)
        {
            Assert.Equal(Errno.ENODATA, outcome);
            return;
        }

        Succeeds(outcome);
        Assert.True(value.AsSpan(0, length).SequenceEqual(expected), "An attribute is not what its thread set.");
    }

    private byte[] LinkName(int link) => $"link{thread}-{link}".Utf8();

    private byte[] AttributeName(int attribute) => $"user.{thread}-{attribute}".Utf8();
}
