using System.Text;

namespace Vault.Storage;

/// <summary>Paths of inodes of one state, read from its directory entries when a finding needs them.</summary>
internal sealed class StatePaths(DurableTree tree, InodeIndex index)
{
    /// <summary>Deeper than any path that a program can use.</summary>
    private const int MaxDepth = 4096;

    /// <summary>The path of an inode, escaped; null if none leads to it from the root, or a name on the way cannot be read.</summary>
    public string? Of(int inode)
    {
        if (inode < 0 || !index[inode].Is(InodeFacts.IsReached))
            return null;
        Stack<string> names = [];
        while (index[inode].Number != InodeNumber.Root.Value)
        {
            InodeIndex.Entry entry = index[inode];
            if (names.Count == MaxDepth || NameOf(index[entry.NameDirectory].Number, entry.NameItem) is not { } name)
                return null;
            names.Push(name);
            inode = entry.NameDirectory;
        }

        return names.Count == 0 ? "." : string.Join('/', names);
    }

    /// <summary>The path of a name in a directory.</summary>
    public string? Of(int directory, ReadOnlySpan<byte> name)
    {
        if (Of(directory) is not { } path)
            return null;
        StringBuilder text = new(path == "." ? "" : path + "/");
        EscapedName.Append(text, name);
        return text.ToString();
    }

    private string? NameOf(ulong directory, ulong item)
    {
        Span<byte> value = stackalloc byte[LeafPage.MaxValueSize];
        TreeKey key = new(TableId.DirectoryEntries, directory, item);
        if (tree.TryGet(key, value, out int length) != DurableTree.Outcome.Found || !DirectoryTable.IsWellFormed(value[..Math.Min(length, value.Length)]))
            return null;
        StringBuilder text = new();
        EscapedName.Append(text, DirectoryTable.NameOf(value[..length]));
        return text.ToString();
    }
}
