using System.Buffers.Binary;
using System.Text;

namespace Vault.Storage.Tests;

/// <summary>
/// All that can be read of a vault, item by item: attributes, lists of names, contents, targets, extended attributes. What
/// answers EIO is noted; any other error fails the test.
/// </summary>
internal sealed class VaultContents
{
    [ThreadStatic]
    private static byte[]? t_buffer;

    private readonly HashSet<string> _errors = [];
    private readonly byte[] _buffer = t_buffer ??= new byte[XattrTable.MaxValueLength];

    /// <summary>Path, NUL, and which part of the inode -> its bytes.</summary>
    public Dictionary<string, byte[]> Items { get; } = [];

    public bool HasErrors => _errors.Count > 0;

    public static VaultContents Of(VaultFileSystem fileSystem)
    {
        VaultContents contents = new();
        contents.Add(fileSystem, InodeNumber.Root, "");
        _ = fileSystem.GetStatistics();
        return contents;
    }

    /// <summary>Fails unless each item is the one of the state or hangs on something that answered EIO, and nothing else was found.</summary>
    public void AssertRightOrError(VaultContents state)
    {
        foreach ((string key, byte[] value) in Items)
            Assert.True(state.Items.TryGetValue(key, out byte[]? right) && right.AsSpan().SequenceEqual(value), $"Wrong data: {Readable(key)}.");
        if (Items.Count == state.Items.Count)
            return;
        foreach (string key in state.Items.Keys)
            Assert.True(Items.ContainsKey(key) || IsLost(key), $"{Readable(key)} is missing without an error.");
    }

    /// <summary>Fails unless every item of <paramref name="earlier"/> that <paramref name="counts"/> is still there and the same.</summary>
    public void AssertNothingLost(VaultContents earlier, Func<string, bool> counts)
    {
        foreach ((string key, byte[] value) in earlier.Items.Where(i => counts(i.Key)))
        {
            Assert.True(Items.TryGetValue(key, out byte[]? now), $"{Readable(key)} could be read before and cannot now.");
            Assert.True(now.AsSpan().SequenceEqual(value), $"{Readable(key)} changed.");
        }
    }

    private static string Readable(string key) => key.Replace('\0', ' ');

    // The item itself, or something on the way to it.
    private bool IsLost(string key)
    {
        string path = key[..key.IndexOf('\0')];
        bool isXattr = key.AsSpan(path.Length + 1).Contains('.');
        if (_errors.Contains(key) || _errors.Contains(path + "\0attributes") || (isXattr && _errors.Contains(path + "\0xattrs")))
            return true;
        for (int slash = path.LastIndexOf('/'); slash >= 0; slash = path.LastIndexOf('/', slash - 1))
        {
            string parent = path[..slash];
            if (_errors.Contains(parent + "\0attributes") || _errors.Contains(parent + "\0names"))
                return true;
            if (slash == 0)
                return false;
        }

        return false;
    }

    private void Add(VaultFileSystem fileSystem, InodeNumber inode, string path)
    {
        if (!Check(fileSystem.GetAttributes(inode, out InodeAttributes attributes), path, "attributes"))
            return;
        Items.Add(path + "\0attributes", Encode(attributes));
        AddXattrs(fileSystem, inode, path);
        if (attributes.IsDirectory)
            AddDirectory(fileSystem, inode, path);
        else if (attributes.IsRegularFile)
            AddContent(fileSystem, attributes, path);
        else if (Check(fileSystem.ReadLink(inode, _buffer, out int length), path, "target"))
            Items.Add(path + "\0target", _buffer[..length]);
    }

    private void AddDirectory(VaultFileSystem fileSystem, InodeNumber inode, string path)
    {
        FileSystemDump.Collector sink = new();
        if (!Check(fileSystem.ReadDirectory(inode, 0, withAttributes: true, ref sink), path, "names"))
            return;
        Items.Add(path + "\0names", Encoding.UTF8.GetBytes(string.Join('/', sink.Entries.Select(e => $"{e.Name} {e.Attributes.Inode.Value}"))));
        foreach ((string name, InodeAttributes listed) in sink.Entries)
        {
            if (name is "." or "..")
                continue;
            string child = $"{path}/{name}";
            if (!Check(fileSystem.Lookup(inode, name.Utf8(), out InodeAttributes found), child, "attributes"))
                continue;
            Assert.Equal(listed.Inode, found.Inode);
            Assert.Equal(Encode(listed), Encode(found));
            Add(fileSystem, found.Inode, child);
        }
    }

    private void AddContent(VaultFileSystem fileSystem, in InodeAttributes attributes, string path)
    {
        byte[] content = new byte[attributes.SizeBytes];
        if (!Check(fileSystem.Read(attributes.Inode, 0, content, out int count), path, "content"))
            return;
        Assert.Equal(content.Length, count);
        Items.Add(path + "\0content", content);
    }

    private void AddXattrs(VaultFileSystem fileSystem, InodeNumber inode, string path)
    {
        if (!Check(fileSystem.ListXattr(inode, _buffer, out int length), path, "xattrs"))
            return;
        string names = Encoding.UTF8.GetString(_buffer, 0, length);
        Items.Add(path + "\0xattrs", Encoding.UTF8.GetBytes(names));
        foreach (string name in names.Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Check(fileSystem.GetXattr(inode, name.Utf8(), _buffer, out length), path, name))
                Items.Add($"{path}\0{name}", _buffer[..length]);
        }
    }

    private bool Check(Errno outcome, string path, string part)
    {
        if (outcome == Errno.None)
            return true;
        Assert.True(outcome == Errno.EIO, $"{path} {part} answered {outcome}.");
        _errors.Add($"{path}\0{part}");
        return false;
    }

    private static byte[] Encode(in InodeAttributes attributes)
    {
        byte[] bytes = new byte[96];
        Span<byte> rest = bytes;
        foreach (long field in (ReadOnlySpan<long>)[
            (long)attributes.Inode.Value, attributes.Mode, attributes.LinkCount, attributes.UserId, attributes.GroupId, attributes.DeviceNumber,
            attributes.SizeBytes, attributes.Blocks512,
            Nanoseconds(attributes.AccessTime), Nanoseconds(attributes.ModifyTime), Nanoseconds(attributes.ChangeTime), Nanoseconds(attributes.BirthTime)])
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, field);
            rest = rest[8..];
        }

        return bytes;
    }

    private static long Nanoseconds(Timestamp time) => unchecked((time.Seconds * 1_000_000_000) + time.Nanoseconds);
}
