using System.Text;

namespace Vault.Storage.Tests;

/// <summary>The plainest file system that could be right: what random workloads are compared with.</summary>
internal sealed class ModelFileSystem
{
    public sealed class Node
    {
        public required uint Mode { get; init; }

        public byte[] Content { get; set; } = [];

        public Dictionary<string, Node>? Children { get; init; }

        public InodeNumber Inode { get; set; }

        public uint Links { get; set; } = 1;

        public bool IsDirectory => Children is not null;
    }

    public Node Root { get; } = new() { Mode = ModeBits.Directory, Children = [], Inode = InodeNumber.Root };

    public IEnumerable<(Node Directory, string Name, Node Node)> Entries() => Entries(Root);

    public IEnumerable<Node> Directories() => Entries().Select(e => e.Node).Where(n => n.IsDirectory).Prepend(Root);

    public string Dump()
    {
        StringBuilder text = new();
        Walk(Root, "", text);
        return text.ToString();
    }

    public static bool Contains(Node directory, Node node) =>
        ReferenceEquals(directory, node) || (directory.Children?.Values.Any(c => Contains(c, node)) ?? false);

    private static IEnumerable<(Node, string, Node)> Entries(Node directory) => directory.Children!
        .SelectMany(c => c.Value.IsDirectory ? Entries(c.Value).Prepend((directory, c.Key, c.Value)) : [(directory, c.Key, c.Value)]);

    private static void Walk(Node directory, string path, StringBuilder text)
    {
        foreach ((string name, Node node) in directory.Children!.OrderBy(c => c.Key, StringComparer.Ordinal))
        {
            uint links = node.IsDirectory ? 2 + (uint)node.Children!.Values.Count(c => c.IsDirectory) : node.Links;
            text.Append(FileSystemDump.Line($"{path}/{name}", node.Mode, links, node.IsDirectory ? default : node.Content));
            if (node.IsDirectory)
                Walk(node, $"{path}/{name}", text);
        }
    }
}
