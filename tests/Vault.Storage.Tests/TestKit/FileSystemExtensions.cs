using System.Text;

namespace Vault.Storage.Tests;

/// <summary>Short forms for tests: what must succeed, does.</summary>
internal static class FileSystemExtensions
{
    public static InodeNumber CreateFile(this VaultFileSystem fileSystem, string name, InodeNumber? parent = null) =>
        fileSystem.CreateNodeOf(name, ModeBits.RegularFile | 0x1A4, parent);

    public static InodeNumber CreateDirectory(this VaultFileSystem fileSystem, string name, InodeNumber? parent = null) =>
        fileSystem.CreateNodeOf(name, ModeBits.Directory | 0x1ED, parent);

    public static void WriteAll(this VaultFileSystem fileSystem, InodeNumber file, long offset, ReadOnlySpan<byte> data) =>
        Assert.Equal(Errno.None, fileSystem.Write(file, offset, data, updateTimes: true, clearSetIds: false));

    public static byte[] ReadAll(this VaultFileSystem fileSystem, InodeNumber file, long offset, int length)
    {
        byte[] buffer = new byte[length];
        Assert.Equal(Errno.None, fileSystem.Read(file, offset, buffer, out int count));
        return buffer[..count];
    }

    public static InodeAttributes SetSize(this VaultFileSystem fileSystem, InodeNumber file, long size)
    {
        Assert.Equal(Errno.None, fileSystem.SetAttributes(file, new AttributeChange { Fields = AttributeChanges.Size, SizeBytes = size }, out InodeAttributes attributes));
        return attributes;
    }

    public static InodeAttributes Stat(this VaultFileSystem fileSystem, InodeNumber inode)
    {
        Assert.Equal(Errno.None, fileSystem.GetAttributes(inode, out InodeAttributes attributes));
        return attributes;
    }

    public static void SyncAll(this VaultFileSystem fileSystem) => Assert.Equal(Errno.None, fileSystem.Sync());

    /// <summary>As <see cref="SyncAll"/>, but what is durable is a state of its own: the log is empty.</summary>
    public static void CommitAll(this VaultFileSystem fileSystem) => Assert.Equal(Errno.None, fileSystem.Commit());

    public static byte[] Utf8(this string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Random bytes that a seed determines.</summary>
    public static byte[] RandomBytes(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static InodeNumber CreateNodeOf(this VaultFileSystem fileSystem, string name, uint mode, InodeNumber? parent)
    {
        Assert.Equal(Errno.None, fileSystem.CreateNode(parent ?? InodeNumber.Root, name.Utf8(), mode, 0, 0, 0, out InodeAttributes attributes));
        return attributes.Inode;
    }
}
