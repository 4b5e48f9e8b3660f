namespace Vault.PosixStress;

/// <summary>Compares the tested tree with its twin, and both with the model: names, types, attributes, contents.</summary>
internal sealed class TreeComparison(Twins twins, Contents contents)
{
    public void Compare() => CompareDirectory("");

    private void CompareDirectory(string path)
    {
        string[] right = Names(twins.Twin + path);
        string[] names = Names(twins.Tested + path);
        if (!names.SequenceEqual(right))
            throw twins.Failure($"The directory {path}/ holds {string.Join(' ', names)}, not {string.Join(' ', right)}.");
        foreach (string name in names)
            CompareEntry($"{path}/{name}");
    }

    private static string[] Names(string directory) =>
        [.. Directory.EnumerateFileSystemEntries(directory).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];

    private void CompareEntry(string path)
    {
        Stat right = StatOf(twins.Twin + path);
        Stat found = StatOf(twins.Tested + path);
        Check(path, "type", found.Type, right.Type);
        if (right.Type == FileType.Symlink)
        {
            Check(path, "target", Target(twins.Tested + path), Target(twins.Twin + path));
            return;
        }

        Check(path, "mode", found.Mode.Bits, right.Mode.Bits);
        Check(path, "attributes", Xattrs(twins.Tested + path), Xattrs(twins.Twin + path));
        if (right.Type == FileType.Directory)
        {
            CompareDirectory(path);
            return;
        }

        Check(path, "links", found.Links, right.Links);
        Check(path, "size", found.Size, right.Size);
        CompareContent(path, right.Inode);
    }

    private void CompareContent(string path, long inode)
    {
        byte[] right = File.ReadAllBytes(twins.Twin + path);
        if (!contents.Knows(inode))
            contents.Set(inode, right);
        if (!contents[inode].SequenceEqual(right))
            throw twins.Failure($"The plain file {path} is not what the model says: a bug of this program.");
        byte[] found = File.ReadAllBytes(twins.Tested + path);
        int common = right.AsSpan().CommonPrefixLength(found);
        if (common != right.Length || found.Length != right.Length)
            throw twins.Failure($"{path} of {right.Length} bytes has {found.Length}, and differs from byte {common} on.");
    }

    private static Stat StatOf(string path)
    {
        statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, StatxBuffer.BasicStats, out StatxBuffer buffer).Ok(path);
        return new Stat(buffer);
    }

    private static string Target(string path)
    {
        byte[] target = new byte[PATH_MAX];
        int length = readlink(path, target, (nuint)target.Length).Ok(path);
        return Convert.ToHexString(target, 0, length);
    }

    private static string Xattrs(string path)
    {
        byte[] names = new byte[4096];
        int length = listxattr(path, names, (nuint)names.Length).Ok(path);
        IEnumerable<string> user = System.Text.Encoding.ASCII.GetString(names, 0, length)
            .Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(name => name.StartsWith("user.", StringComparison.Ordinal));
        return string.Join(' ', user.Order(StringComparer.Ordinal).Select(name =>
        {
            byte[] value = new byte[4096];
            return $"{name}={Convert.ToHexString(value, 0, getxattr(path, name, value, (nuint)value.Length).Ok(path))}";
        }));
    }

    private void Check<T>(string path, string what, T found, T right)
    {
        if (!EqualityComparer<T>.Default.Equals(found, right))
            throw twins.Failure($"{path} has {what} {found}, not {right}.");
    }
}
