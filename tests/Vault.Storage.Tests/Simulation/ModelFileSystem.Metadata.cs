namespace Vault.Storage.Tests.Simulation;

/// <content>Files without a name, access control lists, flags.</content>
internal sealed partial class ModelFileSystem
{
    private Errno CreateUnnamed(in Operation operation, long time)
    {
        Errno error = Find(operation.Path, out ModelNode? directory);
        if (error != Errno.None)
            return error;
        if (!directory!.IsDirectory)
            return Errno.ENOTDIR;
        if (_open.ContainsKey(operation.Argument))
            return Errno.EBUSY;
        if (directory.Is(AttributeFlags.Immutable))
            return Errno.EPERM;
        ModelNode node = new() { Mode = FileMode, Names = 0, ModifyTime = time, ChangeTime = time };
        node.InheritFrom(directory);
        _open.Add(operation.Argument, node);
        return Errno.None;
    }

    private Errno SetAcl(in Operation operation, long time)
    {
        Errno error = Find(operation.Path, out ModelNode? node);
        if (error != Errno.None)
            return error;
        if (node!.Is(AttributeFlags.Protection))
            return Errno.EPERM;
        if (!node.IsDirectory && !node.IsRegularFile)
            return Errno.EOPNOTSUPP;
        bool isDefault = operation.Other == ModelAcl.Default;
        if (isDefault && !node.IsDirectory)
            return Errno.EACCES;
        if (isDefault)
            node.Xattrs[ModelAcl.Default] = ModelAcl.List((int)operation.Argument);
        else
            ModelAcl.SetAccess(node, ModelAcl.List((int)operation.Argument));
        node.ChangeTime = time;
        return Errno.None;
    }

    private Errno SetFlags(in Operation operation, long time)
    {
        Errno error = Find(operation.Path, out ModelNode? node);
        if (error != Errno.None)
            return error;
        AttributeFlags flags = (AttributeFlags)operation.Argument;
        if (!node!.IsDirectory && !node.IsRegularFile)
            return Errno.ENOTTY;
        if (node.Is(AttributeFlags.Immutable) && (flags & AttributeFlags.Immutable) != 0 && flags != node.Flags)
            return Errno.EPERM;
        node.Flags = flags;
        node.ChangeTime = time;
        return Errno.None;
    }

    // Whether content may be put at an offset.
    private static Errno CheckChange(ModelNode node, long offset) =>
        node.Is(AttributeFlags.Immutable) || (node.Is(AttributeFlags.AppendOnly) && offset < node.Content.Length) ? Errno.EPERM : Errno.None;
}
