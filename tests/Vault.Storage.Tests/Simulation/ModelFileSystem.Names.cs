namespace Vault.Storage.Tests.Simulation;

/// <content>Names.</content>
internal sealed partial class ModelFileSystem
{
    private Errno FindParent(string path, out ModelNode? directory, out string name)
    {
        (string parent, name) = Split(path);
        Errno error = Find(parent, out directory);
        return error == Errno.None && !directory!.IsDirectory ? Errno.ENOTDIR : error;
    }

    private Errno Create(string path, ModelNode node, long time)
    {
        Errno error = FindParent(path, out ModelNode? directory, out string name);
        if (error != Errno.None)
            return error;
        if (directory!.Children!.ContainsKey(name))
            return Errno.EEXIST;
        if (directory.Is(AttributeFlags.Immutable))
            return Errno.EPERM;
        node.InheritFrom(directory);
        directory.Children.Add(name, node);
        node.ModifyTime = node.ChangeTime = time;
        Touch(directory, time);
        return Errno.None;
    }

    private Errno Link(string path, string newPath, long time)
    {
        Errno error = Find(path, out ModelNode? node);
        if (error != Errno.None)
            return error;
        error = FindParent(newPath, out ModelNode? directory, out string name);
        if (error != Errno.None)
            return error;
        if (directory!.Children!.ContainsKey(name))
            return Errno.EEXIST;
        if (node!.IsDirectory || node.Is(AttributeFlags.Protection) || directory.Is(AttributeFlags.Immutable))
            return Errno.EPERM;
        directory.Children.Add(name, node);
        node.Names++;
        node.ChangeTime = time;
        Touch(directory, time);
        return Errno.None;
    }

    private Errno Remove(string path, bool ofDirectory, long time)
    {
        Errno error = FindParent(path, out ModelNode? directory, out string name);
        if (error != Errno.None)
            return error;
        if (!directory!.Children!.TryGetValue(name, out ModelNode? node))
            return Errno.ENOENT;
        error = CheckRemoval(directory, node, ofDirectory);
        if (error != Errno.None)
            return error;
        directory.Children.Remove(name);
        DropName(node, time);
        Touch(directory, time);
        return Errno.None;
    }

    private static Errno CheckRemoval(ModelNode directory, ModelNode node, bool asDirectory)
    {
        if (directory.Is(AttributeFlags.Protection) || node.Is(AttributeFlags.Protection))
            return Errno.EPERM;
        if (node.IsDirectory != asDirectory)
            return asDirectory ? Errno.ENOTDIR : Errno.EISDIR;
        return asDirectory && node.Children!.Count > 0 ? Errno.ENOTEMPTY : Errno.None;
    }

    private Errno Rename(string path, string newPath, RenameMode mode, long time)
    {
        Errno error = FindParent(path, out ModelNode? from, out string name);
        if (error != Errno.None)
            return error;
        error = FindParent(newPath, out ModelNode? to, out string newName);
        if (error != Errno.None)
            return error;
        if (!from!.Children!.TryGetValue(name, out ModelNode? node))
            return Errno.ENOENT;
        to!.Children!.TryGetValue(newName, out ModelNode? target);
        error = CheckRename(node, from, to, target, mode);
        if (error != Errno.None || ReferenceEquals(node, target))
            return error;
        if (mode == RenameMode.Exchange)
        {
            from.Children[name] = target!;
            target!.ChangeTime = time;
        }
        else
        {
            from.Children.Remove(name);
            if (target is not null)
                DropName(target, time);
        }

        to.Children[newName] = node;
        node.ChangeTime = time;
        Touch(from, time);
        Touch(to, time);
        return Errno.None;
    }

    private static Errno CheckRename(ModelNode node, ModelNode from, ModelNode to, ModelNode? target, RenameMode mode)
    {
        if (from.Is(AttributeFlags.Protection) || node.Is(AttributeFlags.Protection) || (target is null && to.Is(AttributeFlags.Immutable)))
            return Errno.EPERM;
        if (node.IsDirectory && node.Contains(to))
            return Errno.EINVAL;
        if (target is null)
            return mode == RenameMode.Exchange ? Errno.ENOENT : Errno.None;
        if (mode == RenameMode.NoReplace)
            return Errno.EEXIST;
        if (mode == RenameMode.Exchange)
        {
            if (target.IsDirectory && target.Contains(from))
                return Errno.EINVAL;
            bool isRefused = !ReferenceEquals(node, target) && (to.Is(AttributeFlags.Protection) || target.Is(AttributeFlags.Protection));
            return isRefused ? Errno.EPERM : Errno.None;
        }

        return ReferenceEquals(node, target) ? Errno.None : CheckRemoval(to, target, node.IsDirectory);
    }

    private static void DropName(ModelNode node, long time)
    {
        node.Names--;
        node.ChangeTime = time;
    }

    private static void Touch(ModelNode directory, long time) => directory.ModifyTime = directory.ChangeTime = time;
}
