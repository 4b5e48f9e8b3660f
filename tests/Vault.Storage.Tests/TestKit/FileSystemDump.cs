using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Vault.Storage.Tests;

/// <summary>Everything that a vault's file system holds, one line an entry in path order, to compare with a model.</summary>
internal static class FileSystemDump
{
    public static string Of(VaultFileSystem fileSystem, InodeNumber? directory = null)
    {
        StringBuilder text = new();
        Walk(fileSystem, directory ?? InodeNumber.Root, "", text);
        return text.ToString();
    }

    public static string Line(string path, uint mode, uint links, ReadOnlySpan<byte> content) => string.Create(
        CultureInfo.InvariantCulture, $"{path} {Convert.ToString(mode, 8)} {links} {content.Length} {Convert.ToHexString(SHA256.HashData(content))[..16]}\n");

    public static List<(string Name, InodeAttributes Attributes)> List(VaultFileSystem fileSystem, InodeNumber directory)
    {
        Collector collector = new();
        Assert.Equal(Errno.None, fileSystem.ReadDirectory(directory, 0, true, ref collector));
        return collector.Entries;
    }

    public static byte[] Content(VaultFileSystem fileSystem, in InodeAttributes attributes)
    {
        byte[] content = new byte[attributes.SizeBytes];
        if (attributes.IsRegularFile)
        {
            Assert.Equal(Errno.None, fileSystem.Read(attributes.Inode, 0, content, out int count));
            Assert.Equal(content.Length, count);
        }
        else
        {
            Assert.Equal(Errno.None, fileSystem.ReadLink(attributes.Inode, content, out _));
        }

        return content;
    }

    private static void Walk(VaultFileSystem fileSystem, InodeNumber directory, string path, StringBuilder text)
    {
        foreach ((string name, InodeAttributes attributes) in List(fileSystem, directory).Where(e => e.Name is not ("." or "..")).OrderBy(e => e.Name, StringComparer.Ordinal))
        {
            string child = $"{path}/{name}";
            bool hasContent = attributes.IsRegularFile || (attributes.Mode & ModeBits.TypeMask) == ModeBits.SymbolicLink;
            text.Append(Line(child, attributes.Mode, attributes.LinkCount, hasContent ? Content(fileSystem, attributes) : default));
            if (attributes.IsDirectory)
                Walk(fileSystem, attributes.Inode, child, text);
        }
    }

    public struct Collector() : IDirectorySink
    {
        public readonly List<(string Name, InodeAttributes Attributes)> Entries = [];

        public readonly bool TryAdd(ulong cookie, ReadOnlySpan<byte> name, in InodeAttributes attributes)
        {
            Entries.Add((Encoding.UTF8.GetString(name), attributes));
            return true;
        }
    }
}
