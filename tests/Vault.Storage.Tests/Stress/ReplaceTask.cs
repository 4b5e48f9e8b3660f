namespace Vault.Storage.Tests;

/// <summary>
/// Saves as editors do it: a new file is written beside and renamed over the old one. The name is always there and always
/// leads to a whole version, for those who look and for the one who saves; two names that are exchanged both stay.
/// </summary>
internal sealed class ReplaceTask : StressTask
{
    private const int Length = 9000;

    private readonly InodeNumber _directory;
    private readonly string[] _names;
    private readonly string _new;

    public ReplaceTask(VaultFileSystem fileSystem, InodeNumber directory, string[] names, int thread)
        : base(fileSystem)
    {
        _directory = directory;
        _names = names;
        _new = $"new{thread}";
    }

    public static void CreateAll(VaultFileSystem fileSystem, InodeNumber directory, string[] names)
    {
        foreach (string name in names)
        {
            InodeNumber file = fileSystem.CreateFile(name, directory);
            fileSystem.WriteAll(file, 0, new byte[Length]);
            fileSystem.Forget(file, 1);
        }
    }

    public override void CheckAtEnd(VaultFileSystem opened)
    {
        foreach (string name in _names)
            Look(opened, name);
    }

    protected override void StepCore(Random random)
    {
        string name = _names[random.Next(_names.Length)];
        switch (random.Next(4))
        {
            case 0:
                Save(name, (byte)random.Next(256));
                break;
            case 1:
                Doing = "exchanging names";
                string other = _names[random.Next(_names.Length)];
                Succeeds(FileSystem.Rename(_directory, name.Utf8(), _directory, other.Utf8(), RenameMode.Exchange));
                break;
            default:
                Doing = "looking for a name that is always there";
                Look(FileSystem, name);
                break;
        }
    }

    private void Save(string name, byte version)
    {
        Doing = "saving over a name";
        InodeNumber file = FileSystem.CreateFile(_new, _directory);
        byte[] content = new byte[Length];
        content.AsSpan().Fill(version);
        FileSystem.WriteAll(file, 0, content.AsSpan(0, Length / 2));
        FileSystem.WriteAll(file, Length / 2, content.AsSpan(Length / 2));
        Succeeds(FileSystem.Rename(_directory, _new.Utf8(), _directory, name.Utf8(), RenameMode.Replace));
        FileSystem.Forget(file, 1);
    }

    private void Look(VaultFileSystem fileSystem, string name)
    {
        Succeeds(fileSystem.Lookup(_directory, name.Utf8(), out InodeAttributes attributes));
        byte[] content = fileSystem.ReadAll(attributes.Inode, 0, Length + 1);
        Assert.Equal(Length, content.Length);
        Assert.False(content.AsSpan().ContainsAnyExcept(content[0]), "A name led to half a version.");
        fileSystem.Forget(attributes.Inode, 1);
    }
}
