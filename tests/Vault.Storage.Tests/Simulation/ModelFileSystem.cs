namespace Vault.Storage.Tests.Simulation;

/// <summary>The plainest file system that could be right: what the outcome of each operation must be, and what is there afterwards.</summary>
internal sealed partial class ModelFileSystem
{
    public const uint FileMode = ModeBits.RegularFile | 0x1A4;
    public const uint DirectoryMode = ModeBits.Directory | 0x1ED;

    private readonly Dictionary<uint, ModelNode> _open = [];

    public ModelFileSystem()
        : this(ModelNode.NewDirectory(DirectoryMode))
    {
    }

    public ModelFileSystem(ModelNode root) => Root = root;

    public ModelNode Root { get; }

    /// <summary>Inodes that have a name, the root among them.</summary>
    public int NamedInodeCount => Reachable(Root).Distinct().Count();

    public ModelFileSystem Clone()
    {
        Dictionary<ModelNode, ModelNode> copies = [];
        ModelFileSystem copy = new(Root.Clone(copies));
        foreach ((uint slot, ModelNode node) in _open)
            copy._open.Add(slot, node.Clone(copies));
        return copy;
    }

    /// <summary>Nobody has a file open any more.</summary>
    public void CloseAll() => _open.Clear();

    /// <summary>As <see cref="FileSystemDump"/> has it.</summary>
    public string Dump() => string.Concat(Entries(Root, "/").OrderBy(e => e.Path.Replace('/', '\0'), StringComparer.Ordinal)
        .Select(e => FileSystemDump.Line(e.Path, e.Node.Mode, e.Node.LinkCount, e.Node.Content)));

    /// <summary>Every path that names something, except the root's.</summary>
    public IEnumerable<(string Path, ModelNode Node)> Entries() => Entries(Root, "");

    /// <summary>The expected outcome of an operation of the file system, which is done at the given time.</summary>
    public Errno Apply(in Operation operation, long time) => operation.Kind switch
    {
        OperationKind.CreateFile => Create(operation.Path, new ModelNode { Mode = FileMode }, time),
        OperationKind.CreateDirectory => Create(operation.Path, ModelNode.NewDirectory(DirectoryMode), time),
        OperationKind.CreateSymlink => Create(
            operation.Path, new ModelNode { Mode = ModeBits.SymbolicLink | ModeBits.AllPermissions, Content = operation.Other.Utf8() }, time),
        OperationKind.Link => Link(operation.Path, operation.Other, time),
        OperationKind.Unlink => Remove(operation.Path, ofDirectory: false, time),
        OperationKind.RemoveDirectory => Remove(operation.Path, ofDirectory: true, time),
        OperationKind.Rename => Rename(operation.Path, operation.Other, (RenameMode)operation.Argument, time),
        OperationKind.Write or OperationKind.Truncate => ChangeContent(operation, time),
        OperationKind.Allocate => Allocate(operation, time),
        OperationKind.CopyRange => CopyRange(operation, time),
        OperationKind.CreateUnnamed => CreateUnnamed(operation, time),
        OperationKind.SetAcl => SetAcl(operation, time),
        OperationKind.SetFlags => SetFlags(operation, time),
        OperationKind.SetXattr or OperationKind.RemoveXattr => ChangeXattr(operation, time),
        OperationKind.SetMode or OperationKind.SetModifyTime => ChangeAttributes(operation, time),
        OperationKind.Read => Find(operation.Path, out ModelNode? node) is var error and not Errno.None ? error : CheckFile(node!),
        OperationKind.Open => Open(operation.Path, operation.Argument),
        OperationKind.Close => _open.Remove(operation.Argument) ? Errno.None : Errno.EBADF,
        OperationKind.Sync => Errno.None,
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };

    /// <summary>Finds what a path names, "@3" being the file that is open there.</summary>
    public Errno Find(string path, out ModelNode? node)
    {
        if (path.StartsWith('@'))
            return _open.TryGetValue(uint.Parse(path.AsSpan(1)), out node) ? Errno.None : Errno.EBADF;
        node = Root;
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!node.IsDirectory)
                return Errno.ENOTDIR;
            if (!node.Children!.TryGetValue(name, out node))
                return Errno.ENOENT;
        }

        return Errno.None;
    }

    /// <summary>What a read that succeeds must read.</summary>
    public ReadOnlySpan<byte> ReadOf(in Operation read)
    {
        Assert.Equal(Errno.None, Find(read.Path, out ModelNode? node));
        int start = (int)Math.Min(read.Offset, node!.Content.Length);
        return node.Content.AsSpan(start, Math.Min(read.Length, node.Content.Length - start));
    }

    public static (string Directory, string Name) Split(string path)
    {
        int slash = path.LastIndexOf('/');
        return (path[..Math.Max(slash, 0)], path[(slash + 1)..]);
    }

    private static Errno CheckFile(ModelNode node) => node.IsRegularFile ? Errno.None : node.IsDirectory ? Errno.EISDIR : Errno.EINVAL;

    private static IEnumerable<ModelNode> Reachable(ModelNode node) => (node.Children?.Values.SelectMany(Reachable) ?? []).Prepend(node);

    private static IEnumerable<(string Path, ModelNode Node)> Entries(ModelNode directory, string path) => directory.Children!
        .SelectMany(c => (c.Value.IsDirectory ? Entries(c.Value, $"{path}{c.Key}/") : []).Prepend(($"{path}{c.Key}", c.Value)));

    private Errno Open(string path, uint slot)
    {
        Errno error = Find(path, out ModelNode? node);
        if (error == Errno.None)
            error = CheckFile(node!);
        if (error == Errno.None && !_open.TryAdd(slot, node!))
            error = Errno.EBUSY;
        return error;
    }

    private Errno ChangeContent(in Operation operation, long time)
    {
        bool isWrite = operation.Kind == OperationKind.Write;
        Errno error = Find(operation.Path, out ModelNode? node);
        if (error == Errno.None && !isWrite && node!.Is(AttributeFlags.Protection))
            return Errno.EPERM;
        if (error == Errno.None)
            error = CheckFile(node!);
        if (error == Errno.None && isWrite && operation.Length > 0)
            error = CheckChange(node!, operation.Offset);
        if (error != Errno.None || (isWrite && operation.Length == 0))
            return error;
        byte[] content = node!.Content;
        int size = operation.Kind == OperationKind.Truncate ? operation.Length : (int)Math.Max(content.Length, operation.Offset + operation.Length);
        byte[] changed = new byte[size];
        content.AsSpan(0, Math.Min(size, content.Length)).CopyTo(changed);
        if (operation.Kind == OperationKind.Write)
            Canary.Fill(changed.AsSpan((int)operation.Offset, operation.Length), operation.Argument);
        node.Content = changed;
        node.ModifyTime = node.ChangeTime = time;
        return Errno.None;
    }

    private Errno ChangeXattr(in Operation operation, long time)
    {
        Errno error = Find(operation.Path, out ModelNode? node);
        if (error != Errno.None)
            return error;
        if (node!.Is(AttributeFlags.Protection))
            return Errno.EPERM;
        XattrMode mode = (XattrMode)operation.Argument;
        bool exists = node.Xattrs.ContainsKey(operation.Other);
        if (operation.Kind == OperationKind.RemoveXattr ? !exists : !exists && (mode & XattrMode.Replace) != 0)
            return Errno.ENODATA;
        if (operation.Kind == OperationKind.SetXattr && exists && (mode & XattrMode.Create) != 0)
            return Errno.EEXIST;
        if (operation.Kind == OperationKind.SetXattr)
            node.Xattrs[operation.Other] = operation.Data();
        else
            node.Xattrs.Remove(operation.Other);
        node.ChangeTime = time;
        return Errno.None;
    }

    private Errno ChangeAttributes(in Operation operation, long time)
    {
        Errno error = Find(operation.Path, out ModelNode? node);
        if (error != Errno.None)
            return error;
        if (node!.Is(AttributeFlags.Protection))
            return Errno.EPERM;
        if (operation.Kind == OperationKind.SetModifyTime)
        {
            node.ModifyTime = operation.Argument;
        }
        else
        {
            node.Mode = (node.Mode & ModeBits.TypeMask) | (operation.Argument & ModeBits.PermissionMask);
            ModelAcl.OnModeSet(node);
        }

        node.ChangeTime = time;
        return Errno.None;
    }
}
