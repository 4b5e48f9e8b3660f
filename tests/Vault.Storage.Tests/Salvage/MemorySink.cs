using System.Text;

namespace Vault.Storage.Tests;

/// <summary>What a salvage hands out, kept in memory. Refuses what the contract of a sink rules out.</summary>
internal sealed class MemorySink : ISalvageSink
{
    private Node? _open;

    public sealed class Node
    {
        public byte[] Content { get; set; } = [];

        public uint Mode { get; set; }

        public InodeAttributes Attributes { get; set; }

        public bool HasOwner { get; set; }

        public SortedDictionary<string, string> Xattrs { get; } = new(StringComparer.Ordinal);
    }

    public SortedDictionary<string, Node> Nodes { get; } = new(StringComparer.Ordinal);

    public void CreateDirectory(ReadOnlySpan<byte> path) => Add(path, ModeBits.Directory);

    public bool BeginFile(ReadOnlySpan<byte> path, long sizeBytes)
    {
        Assert.Null(_open);
        _open = Add(path, ModeBits.RegularFile);
        _open.Content = new byte[sizeBytes];
        return true;
    }

    public void Write(long offsetBytes, ReadOnlySpan<byte> content) => content.CopyTo(_open!.Content.AsSpan((int)offsetBytes));

    public void EndFile()
    {
        Assert.NotNull(_open);
        _open = null;
    }

    public void CreateSymlink(ReadOnlySpan<byte> path, ReadOnlySpan<byte> target) => Add(path, ModeBits.SymbolicLink).Content = target.ToArray();

    public void CreateSpecial(ReadOnlySpan<byte> path, in InodeAttributes attributes) => Add(path, attributes.Mode & ModeBits.TypeMask).Attributes = attributes;

    public void CreateLink(ReadOnlySpan<byte> existingPath, ReadOnlySpan<byte> newPath)
    {
        Assert.True(Nodes.TryGetValue(Text(existingPath), out Node? node) && node.Mode != ModeBits.Directory);
        CheckPath(newPath);
        Nodes.Add(Text(newPath), node);
    }

    public void SetXattr(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Node node = Nodes[Text(path)];
        Assert.True(node.HasOwner || node.Mode == ModeBits.Directory, "A file's capabilities go with a change of owner.");
        node.Xattrs.Add(Text(name), Convert.ToHexString(value));
    }

    public void SetOwner(ReadOnlySpan<byte> path, in InodeAttributes attributes) => Nodes[Text(path)].HasOwner = true;

    public void SetAttributes(ReadOnlySpan<byte> path, in InodeAttributes attributes)
    {
        Node node = Nodes[Text(path)];
        Assert.Equal(node.Mode, attributes.Mode & ModeBits.TypeMask);
        Assert.True(node.HasOwner);
        node.Attributes = attributes;
    }

    private static string Text(ReadOnlySpan<byte> path) => Encoding.UTF8.GetString(path);

    private Node Add(ReadOnlySpan<byte> path, uint type)
    {
        CheckPath(path);
        Node node = new() { Mode = type };
        Nodes.Add(Text(path), node);
        return node;
    }

    private void CheckPath(ReadOnlySpan<byte> path)
    {
        string text = Text(path);
        string[] components = text.Split('/');
        Assert.All(components, c => Assert.True(c is not ("" or "." or "..") && !c.Contains('\0')));
        Assert.True(components.Length == 1 || Nodes[string.Join('/', components[..^1])].Mode == ModeBits.Directory);
    }
}
