using System.Text;

namespace Vault.Storage.Tests;

/// <summary>Random operations on a vault and on the model at once; each outcome must be what POSIX says.</summary>
internal sealed class RandomWorkload(int seed, int maxFileBytes)
{
    private const uint FileMode = ModeBits.RegularFile | 0x1A4;
    private const uint DirectoryMode = ModeBits.Directory | 0x1ED;

    private readonly Random _random = new(seed);

    public ModelFileSystem Model { get; } = new();

    public void Run(VaultFileSystem fileSystem, int steps)
    {
        for (int i = 0; i < steps; i++)
            Step(fileSystem);
    }

    private void Step(VaultFileSystem fileSystem)
    {
        int choice = _random.Next(100);
        if (choice < 18)
            Create(fileSystem);
        else if (choice < 50)
            Write(fileSystem);
        else if (choice < 60)
            Truncate(fileSystem);
        else if (choice < 70)
            Read(fileSystem);
        else if (choice < 80)
            Remove(fileSystem);
        else if (choice < 92)
            Rename(fileSystem);
        else
            Link(fileSystem);
    }

    private T? Pick<T>(IEnumerable<T> items)
    {
        List<T> list = [.. items];
        return list.Count == 0 ? default : list[_random.Next(list.Count)];
    }

    private static byte[] Bytes(string name) => Encoding.UTF8.GetBytes(name);

    private string Name() => $"n{_random.Next(24)}";

    private void Create(VaultFileSystem fileSystem)
    {
        ModelFileSystem.Node directory = Pick(Model.Directories())!;
        string name = Name();
        bool isDirectory = _random.Next(4) == 0;
        uint mode = isDirectory ? DirectoryMode : FileMode;
        Errno outcome = fileSystem.CreateNode(directory.Inode, Bytes(name), mode, 0, 0, 0, out InodeAttributes attributes);
        if (directory.Children!.ContainsKey(name))
        {
            Assert.Equal(Errno.EEXIST, outcome);
            return;
        }

        Assert.Equal(Errno.None, outcome);
        fileSystem.Forget(attributes.Inode, 1);
        directory.Children[name] = new() { Mode = mode, Inode = attributes.Inode, Children = isDirectory ? [] : null };
    }

    private ModelFileSystem.Node? PickFile() => Pick(Model.Entries().Select(e => e.Node).Where(n => !n.IsDirectory));

    private int Length() => _random.Next(3) switch
    {
        0 => _random.Next(200),
        1 => _random.Next(maxFileBytes / 8),
        _ => _random.Next(maxFileBytes / 2),
    };

    private int Offset(ModelFileSystem.Node file)
    {
        int offset = _random.Next(4) == 0 ? file.Content.Length : _random.Next(maxFileBytes / 2);
        return _random.Next(2) == 0 ? offset / 4096 * 4096 : offset;
    }

    private void Write(VaultFileSystem fileSystem)
    {
        if (PickFile() is not { } file)
            return;
        int offset = Math.Min(Offset(file), maxFileBytes);
        byte[] data = new byte[_random.Next(3) == 0 ? (Length() + 4096) / 4096 * 4096 : Length()];
        _random.NextBytes(data);
        Assert.Equal(Errno.None, fileSystem.Write(file.Inode, offset, data, updateTimes: true, clearSetIds: false));
        if (data.Length == 0)
            return;
        byte[] content = file.Content;
        Array.Resize(ref content, Math.Max(content.Length, offset + data.Length));
        data.CopyTo(content, offset);
        file.Content = content;
    }

    private void Truncate(VaultFileSystem fileSystem)
    {
        if (PickFile() is not { } file)
            return;
        int size = _random.Next(5) == 0 ? 0 : Length();
        AttributeChange change = new() { Fields = AttributeChanges.Size, SizeBytes = size };
        Assert.Equal(Errno.None, fileSystem.SetAttributes(file.Inode, change, out InodeAttributes attributes));
        Assert.Equal(size, attributes.SizeBytes);
        byte[] content = file.Content;
        Array.Resize(ref content, size);
        file.Content = content;
    }

    private void Read(VaultFileSystem fileSystem)
    {
        if (PickFile() is not { } file)
            return;
        int offset = Offset(file);
        byte[] buffer = new byte[Length()];
        Assert.Equal(Errno.None, fileSystem.Read(file.Inode, offset, buffer, out int count));
        int expected = Math.Clamp(file.Content.Length - offset, 0, buffer.Length);
        Assert.Equal(expected, count);
        Assert.True(buffer.AsSpan(0, count).SequenceEqual(file.Content.AsSpan(Math.Min(offset, file.Content.Length), expected)), "Wrong data was read.");
    }

    private void Remove(VaultFileSystem fileSystem)
    {
        (ModelFileSystem.Node directory, string name, ModelFileSystem.Node node) = Pick(Model.Entries());
        if (node is null)
            return;
        if (node.IsDirectory)
        {
            Assert.Equal(Errno.EISDIR, fileSystem.Unlink(directory.Inode, Bytes(name)));
            Errno outcome = fileSystem.RemoveDirectory(directory.Inode, Bytes(name));
            Assert.Equal(node.Children!.Count == 0 ? Errno.None : Errno.ENOTEMPTY, outcome);
            if (node.Children!.Count > 0)
                return;
        }
        else
        {
            Assert.Equal(Errno.ENOTDIR, fileSystem.RemoveDirectory(directory.Inode, Bytes(name)));
            Assert.Equal(Errno.None, fileSystem.Unlink(directory.Inode, Bytes(name)));
        }

        directory!.Children!.Remove(name!);
        node.Links--;
    }

    private void Rename(VaultFileSystem fileSystem)
    {
        (ModelFileSystem.Node from, string name, ModelFileSystem.Node node) = Pick(Model.Entries());
        if (node is null)
            return;
        ModelFileSystem.Node to = Pick(Model.Directories())!;
        string newName = Name();
        ModelFileSystem.Node? target = to.Children!.GetValueOrDefault(newName);
        bool exchange = _random.Next(4) == 0;
        Errno expected = Expected(from, node, to, target, exchange);
        Assert.Equal(expected, fileSystem.Rename(from.Inode, Bytes(name), to.Inode, Bytes(newName), exchange ? RenameMode.Exchange : RenameMode.Replace));
        if (expected != Errno.None || ReferenceEquals(node, target))
            return;
        from.Children!.Remove(name);
        to.Children![newName] = node;
        if (exchange)
            from.Children[name!] = target!;
        else if (target is { IsDirectory: false })
            target.Links--;
    }

    private static Errno Expected(ModelFileSystem.Node from, ModelFileSystem.Node node, ModelFileSystem.Node to, ModelFileSystem.Node? target, bool exchange)
    {
        if (node.IsDirectory && ModelFileSystem.Contains(node, to))
            return Errno.EINVAL;
        if (exchange && target is null)
            return Errno.ENOENT;
        if (exchange && target!.IsDirectory && ModelFileSystem.Contains(target, from))
            return Errno.EINVAL;
        if (exchange || target is null || ReferenceEquals(node, target))
            return Errno.None;
        if (node.IsDirectory != target.IsDirectory)
            return node.IsDirectory ? Errno.ENOTDIR : Errno.EISDIR;
        return target.IsDirectory && target.Children!.Count > 0 ? Errno.ENOTEMPTY : Errno.None;
    }

    private void Link(VaultFileSystem fileSystem)
    {
        ModelFileSystem.Node? node = Pick(Model.Entries().Select(e => e.Node));
        if (node is null)
            return;
        ModelFileSystem.Node directory = Pick(Model.Directories())!;
        string name = Name();
        Errno expected = directory.Children!.ContainsKey(name) ? Errno.EEXIST : node.IsDirectory ? Errno.EPERM : Errno.None;
        Assert.Equal(expected, fileSystem.Link(node.Inode, directory.Inode, Bytes(name), out InodeAttributes attributes));
        if (expected != Errno.None)
            return;
        fileSystem.Forget(attributes.Inode, 1);
        node.Links++;
        directory.Children[name] = node;
    }
}
