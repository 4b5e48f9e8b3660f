namespace Vault.Storage.Tests.Simulation;

/// <content>Allocation and copies.</content>
internal sealed partial class ModelFileSystem
{
    /// <summary>Bytes that a copy copies if there is space.</summary>
    public int CopiedBytes(in Operation copy)
    {
        bool isPossible = Find(copy.Path, out ModelNode? source) == Errno.None && Find(copy.Other, out ModelNode? destination) == Errno.None
            && source!.IsRegularFile && destination!.IsRegularFile
            && CheckChange(destination, copy.Argument) == Errno.None && !Overlap(copy, source, destination);
        return isPossible ? (int)Math.Clamp(source!.Content.Length - copy.Offset, 0, copy.Length) : 0;
    }

    private static bool Overlap(in Operation copy, ModelNode source, ModelNode destination) =>
        source == destination && Math.Abs(copy.Offset - copy.Argument) < Math.Clamp(source.Content.Length - copy.Offset, 0, copy.Length);

    private Errno Allocate(in Operation operation, long time)
    {
        AllocationMode mode = (AllocationMode)operation.Argument;
        Errno error = Find(operation.Path, out ModelNode? node);
        if (error != Errno.None)
            return error;
        if (operation.Length == 0)
            return Errno.EINVAL;
        if (!node!.IsRegularFile)
            return node.IsDirectory ? Errno.EISDIR : Errno.ENODEV;
        if (node.Is(AttributeFlags.Immutable) || (node.Is(AttributeFlags.AppendOnly) && (mode & ~AllocationMode.KeepSize) != 0))
            return Errno.EPERM;
        int end = (int)operation.Offset + operation.Length;
        byte[] changed = new byte[(mode & AllocationMode.KeepSize) != 0 ? node.Content.Length : Math.Max(node.Content.Length, end)];
        node.Content.CopyTo(changed, 0);
        int start = (int)Math.Min(operation.Offset, changed.Length);
        if ((mode & ~AllocationMode.KeepSize) != 0)
            changed.AsSpan(start, Math.Min(end, changed.Length) - start).Clear();
        node.Content = changed;
        node.ModifyTime = node.ChangeTime = time;
        return Errno.None;
    }

    private Errno CopyRange(in Operation operation, long time)
    {
        Errno error = Find(operation.Path, out ModelNode? source);
        if (error == Errno.None)
            error = Find(operation.Other, out _);
        if (error == Errno.None)
            error = CheckFile(source!);
        if (error != Errno.None)
            return error;
        Find(operation.Other, out ModelNode? destination);
        if (destination!.IsRegularFile && CheckChange(destination, operation.Argument) is var refused and not Errno.None)
            return refused;
        if (Overlap(operation, source!, destination!))
            return Errno.EINVAL;
        int length = (int)Math.Clamp(source!.Content.Length - operation.Offset, 0, operation.Length);
        if (length == 0)
            return Errno.None;
        error = CheckFile(destination!);
        if (error != Errno.None)
            return error;
        byte[] changed = new byte[Math.Max(destination!.Content.Length, operation.Argument + length)];
        destination.Content.CopyTo(changed, 0);
        source.Content.AsSpan((int)operation.Offset, length).CopyTo(changed.AsSpan((int)operation.Argument));
        destination.Content = changed;
        destination.ModifyTime = destination.ChangeTime = time;
        return Errno.None;
    }
}
