namespace Vault.Storage.Tests.Simulation;

/// <summary>Compares two trees, byte for byte.</summary>
internal static class ModelDifference
{
    /// <summary>The first thing in which the trees differ, or null.</summary>
    public static string? Between(ModelFileSystem expected, ModelFileSystem actual) =>
        Between("/", expected.Root, actual.Root, []);

    private static string? Between(string path, ModelNode expected, ModelNode actual, Dictionary<ModelNode, ModelNode> twins)
    {
        if (twins.TryGetValue(expected, out ModelNode? twin))
            return ReferenceEquals(twin, actual) ? null : $"{path} is no link to the same inode any more";
        twins.Add(expected, actual);
        if (expected.Mode != actual.Mode)
            return $"{path} has mode {actual.Mode:x}, not {expected.Mode:x}";
        if (expected.LinkCount != actual.Names)
            return $"{path} has link count {actual.Names}, not {expected.LinkCount}";
        if (expected.ModifyTime != actual.ModifyTime || expected.ChangeTime != actual.ChangeTime)
            return $"{path} was changed at {actual.ModifyTime}, {actual.ChangeTime}, not {expected.ModifyTime}, {expected.ChangeTime}";
        if (expected.Flags != actual.Flags)
            return $"{path} has flags {actual.Flags}, not {expected.Flags}";
        return InContent(path, expected, actual) ?? InXattrs(path, expected, actual) ?? (expected.IsDirectory ? InChildren(path, expected, actual, twins) : null);
    }

    private static string? InContent(string path, ModelNode expected, ModelNode actual)
    {
        if (expected.Content.Length != actual.Content.Length)
            return $"{path} has {actual.Content.Length} bytes, not {expected.Content.Length}";
        int common = expected.Content.AsSpan().CommonPrefixLength(actual.Content);
        return common == expected.Content.Length ? null : $"{path} differs from byte {common} of {expected.Content.Length} on";
    }

    private static string? InXattrs(string path, ModelNode expected, ModelNode actual)
    {
        if (!expected.Xattrs.Keys.SequenceEqual(actual.Xattrs.Keys))
            return $"{path} has attributes {string.Join(',', actual.Xattrs.Keys)}, not {string.Join(',', expected.Xattrs.Keys)}";
        string? wrong = expected.Xattrs.Keys.FirstOrDefault(k => !expected.Xattrs[k].AsSpan().SequenceEqual(actual.Xattrs[k]));
        return wrong is null ? null : $"{path} has another value of attribute {wrong}";
    }

    private static string? InChildren(string path, ModelNode expected, ModelNode actual, Dictionary<ModelNode, ModelNode> twins)
    {
        if (!expected.Children!.Keys.SequenceEqual(actual.Children!.Keys))
            return $"{path} holds {string.Join(',', actual.Children.Keys)}, not {string.Join(',', expected.Children.Keys)}";
        foreach ((string name, ModelNode child) in expected.Children)
        {
            if (Between($"{path}{name}/", child, actual.Children[name], twins) is { } difference)
                return difference;
        }

        return null;
    }
}
