using System.Text;

namespace Vault.Storage.Tests.Simulation;

/// <summary>Does operations on a vault, as the kernel would: looks paths up, keeps references, gives them back.</summary>
internal sealed class VaultDriver(VaultFileSystem fileSystem, InodeNumber root)
{
    private readonly Dictionary<uint, InodeNumber> _open = [];

    public VaultDriver(VaultFileSystem fileSystem)
        : this(fileSystem, InodeNumber.Root)
    {
    }

    /// <summary>What the last <see cref="OperationKind.Read"/> read.</summary>
    public byte[] LastRead { get; private set; } = [];

    /// <summary>Bytes that the last <see cref="OperationKind.CopyRange"/> copied.</summary>
    public int LastCopied { get; private set; }

    public Errno Apply(in Operation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.Sync:
                return fileSystem.Sync();
            case OperationKind.Close:
                if (!_open.Remove(operation.Argument, out InodeNumber closed))
                    return Errno.EBADF;
                fileSystem.Forget(closed, 1);
                return Errno.None;
            case OperationKind.CreateUnnamed:
                return CreateUnnamed(operation);
            case OperationKind.CreateFile or OperationKind.CreateDirectory or OperationKind.CreateSymlink or OperationKind.Unlink or OperationKind.RemoveDirectory or OperationKind.Rename:
                return ChangeNames(operation);
        }

        Errno error = Find(operation.Path, out InodeAttributes found);
        if (error != Errno.None)
            return error;
        error = ChangeInode(operation, found);
        bool keep = operation.Kind == OperationKind.Open && error == Errno.None;
        if (!keep)
            fileSystem.Forget(found.Inode, 1);
        return error;
    }

    /// <summary>Reads the whole file system. Names that have one inode have one node.</summary>
    public static ModelFileSystem ReadAll(VaultFileSystem fileSystem)
    {
        Assert.Equal(Errno.None, fileSystem.GetAttributes(InodeNumber.Root, out InodeAttributes root));
        return new ModelFileSystem(ReadNode(fileSystem, root, []));
    }

    private Errno ChangeInode(in Operation operation, in InodeAttributes found)
    {
        InodeNumber inode = found.Inode;
        switch (operation.Kind)
        {
            case OperationKind.Write:
                return fileSystem.Write(inode, operation.Offset, operation.Data(), updateTimes: true, clearSetIds: false);
            case OperationKind.Truncate:
                return fileSystem.SetAttributes(inode, new AttributeChange { Fields = AttributeChanges.Size, SizeBytes = operation.Length }, out _);
            case OperationKind.Allocate:
                return fileSystem.Allocate(inode, operation.Offset, operation.Length, (AllocationMode)operation.Argument, clearSetIds: false);
            case OperationKind.CopyRange:
                return CopyRange(operation, inode);
            case OperationKind.SetMode:
                return fileSystem.SetAttributes(inode, new AttributeChange { Fields = AttributeChanges.Mode, Mode = operation.Argument }, out _);
            case OperationKind.SetModifyTime:
                return fileSystem.SetAttributes(
                    inode, new AttributeChange { Fields = AttributeChanges.ModifyTime, ModifyTime = new Timestamp(operation.Argument, 0) }, out _);
            case OperationKind.SetAcl:
                return fileSystem.SetXattr(inode, operation.Other.Utf8(), ModelAcl.List((int)operation.Argument), XattrMode.Any);
            case OperationKind.SetFlags:
                return fileSystem.SetFlags(inode, (AttributeFlags)operation.Argument);
            case OperationKind.SetXattr:
                return fileSystem.SetXattr(inode, operation.Other.Utf8(), operation.Data(), (XattrMode)operation.Argument);
            case OperationKind.RemoveXattr:
                return fileSystem.RemoveXattr(inode, operation.Other.Utf8());
            case OperationKind.Read:
                byte[] buffer = new byte[operation.Length];
                Errno error = fileSystem.Read(inode, operation.Offset, buffer, out int count);
                LastRead = buffer[..count];
                fileSystem.NoteAccess(inode, AccessTimes.Strict);
                return error;
            case OperationKind.Open:
                if (!found.IsRegularFile)
                    return found.IsDirectory ? Errno.EISDIR : Errno.EINVAL;
                return _open.TryAdd(operation.Argument, inode) ? Errno.None : Errno.EBUSY;
            case OperationKind.Link:
                (string directory, string name) = ModelFileSystem.Split(operation.Other);
                return InDirectory(directory, parent => Created(fileSystem.Link(inode, parent, name.Utf8(), out InodeAttributes linked), linked));
            default:
                throw new ArgumentOutOfRangeException(nameof(operation));
        }
    }

    private Errno CopyRange(in Operation operation, InodeNumber source)
    {
        Errno error = Find(operation.Other, out InodeAttributes destination);
        if (error != Errno.None)
            return error;
        error = fileSystem.CopyRange(
            source, operation.Offset, destination.Inode, operation.Argument, operation.Length, isWithinSource: false, clearSetIds: false, out long copied);
        LastCopied = (int)copied;
        fileSystem.Forget(destination.Inode, 1);
        return error;
    }

    private Errno ChangeNames(Operation operation)
    {
        (string directory, string text) = ModelFileSystem.Split(operation.Path);
        byte[] name = text.Utf8();
        return InDirectory(directory, parent => operation.Kind switch
        {
            OperationKind.CreateFile => Created(fileSystem.CreateNode(parent, name, NewNode(ModelFileSystem.FileMode), out InodeAttributes file), file),
            OperationKind.CreateDirectory => Created(fileSystem.CreateNode(parent, name, NewNode(ModelFileSystem.DirectoryMode), out InodeAttributes made), made),
            OperationKind.CreateSymlink => Created(fileSystem.CreateSymlink(parent, name, operation.Other.Utf8(), 0, 0, out InodeAttributes link), link),
            OperationKind.Unlink => fileSystem.Unlink(parent, name),
            OperationKind.RemoveDirectory => fileSystem.RemoveDirectory(parent, name),
            OperationKind.Rename => InDirectory(
                ModelFileSystem.Split(operation.Other).Directory,
                newParent => fileSystem.Rename(parent, name, newParent, ModelFileSystem.Split(operation.Other).Name.Utf8(), (RenameMode)operation.Argument)),
            _ => throw new ArgumentOutOfRangeException(nameof(operation)),
        });
    }

    private static NewNode NewNode(uint mode) => new() { Mode = mode, Umask = 0x12, InheritsAcl = true };

    private Errno CreateUnnamed(Operation operation) => InDirectory(operation.Path, directory =>
    {
        if (_open.ContainsKey(operation.Argument))
            return Errno.EBUSY;
        Errno error = fileSystem.CreateUnnamed(directory, NewNode(ModelFileSystem.FileMode), out InodeAttributes made);
        if (error == Errno.None)
            _open.Add(operation.Argument, made.Inode);
        return error;
    });

    private Errno Created(Errno error, in InodeAttributes attributes)
    {
        if (error == Errno.None)
            fileSystem.Forget(attributes.Inode, 1);
        return error;
    }

    private Errno InDirectory(string path, Func<InodeNumber, Errno> action)
    {
        Errno error = Find(path, out InodeAttributes directory);
        if (error != Errno.None)
            return error;
        error = directory.IsDirectory ? action(directory.Inode) : Errno.ENOTDIR;
        fileSystem.Forget(directory.Inode, 1);
        return error;
    }

    // Adds one reference to what it finds.
    private Errno Find(string path, out InodeAttributes found)
    {
        found = new InodeAttributes { Inode = root, Mode = ModeBits.Directory };
        if (path.StartsWith('@'))
        {
            if (!_open.TryGetValue(uint.Parse(path.AsSpan(1)), out InodeNumber open))
                return Errno.EBADF;
            Errno known = fileSystem.GetAttributes(open, out found);
            if (known == Errno.None)
                fileSystem.AddReference(open);
            return known;
        }

        fileSystem.AddReference(root);
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            InodeNumber parent = found.Inode;
            Errno error = fileSystem.Lookup(parent, name.Utf8(), out found);
            fileSystem.Forget(parent, 1);
            if (error != Errno.None)
                return error;
        }

        return Errno.None;
    }

    private static ModelNode ReadNode(VaultFileSystem fileSystem, in InodeAttributes attributes, Dictionary<InodeNumber, ModelNode> known)
    {
        if (known.TryGetValue(attributes.Inode, out ModelNode? node))
            return node;
        bool isDirectory = attributes.IsDirectory;
        node = new ModelNode
        {
            Mode = attributes.Mode,
            Content = isDirectory ? [] : FileSystemDump.Content(fileSystem, attributes),
            Children = isDirectory ? new SortedDictionary<string, ModelNode>(StringComparer.Ordinal) : null,
            Names = attributes.LinkCount,
            Flags = attributes.Flags,
            ModifyTime = attributes.ModifyTime.Seconds,
            ChangeTime = attributes.ChangeTime.Seconds,
        };
        known.Add(attributes.Inode, node);
        ReadXattrs(fileSystem, attributes.Inode, node);
        if (node.IsRegularFile)
            CheckHoles(fileSystem, attributes.Inode, node.Content);
        if (!isDirectory)
            return node;
        List<(string Name, InodeAttributes Attributes)> entries = FileSystemDump.List(fileSystem, attributes.Inode);
        Assert.Equal((entries.Count - 2) * 32, attributes.SizeBytes);
        foreach ((string name, InodeAttributes child) in entries.Where(e => e.Name is not ("." or "..")))
            node.Children!.Add(name, ReadNode(fileSystem, child, known));
        return node;
    }

    // Data and holes follow each other up to the end, and holes are zeros.
    private static void CheckHoles(VaultFileSystem fileSystem, InodeNumber inode, ReadOnlySpan<byte> content)
    {
        long position = 0;
        while (position < content.Length)
        {
            Errno error = fileSystem.Seek(inode, position, SeekTarget.Data, out long data);
            Assert.True(error is Errno.None or Errno.ENXIO);
            long end = error == Errno.None ? data : content.Length;
            Assert.InRange(end, position, content.Length);
            Assert.False(content[(int)position..(int)end].ContainsAnyExcept((byte)0), "There is data in a hole.");
            if (error == Errno.ENXIO)
                return;
            Assert.Equal(Errno.None, fileSystem.Seek(inode, data, SeekTarget.Hole, out position));
            Assert.True(position > data);
        }

        Assert.Equal(Errno.ENXIO, fileSystem.Seek(inode, content.Length, SeekTarget.Data, out _));
    }

    private static void ReadXattrs(VaultFileSystem fileSystem, InodeNumber inode, ModelNode node)
    {
        Assert.Equal(Errno.None, fileSystem.ListXattr(inode, default, out int length));
        byte[] names = new byte[length];
        Assert.Equal(Errno.None, fileSystem.ListXattr(inode, names, out _));
        foreach (string name in Encoding.UTF8.GetString(names).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.Equal(Errno.None, fileSystem.GetXattr(inode, name.Utf8(), default, out int valueLength));
            byte[] value = new byte[valueLength];
            if (valueLength > 0)
                Assert.Equal(Errno.None, fileSystem.GetXattr(inode, name.Utf8(), value, out _));
            node.Xattrs.Add(name, value);
        }
    }
}
