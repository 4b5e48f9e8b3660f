using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Vault.Posix.Interop;
using static Vault.Posix.Interop.Calls;
using static Vault.Posix.Interop.Constants;

namespace Vault.Posix.Harness;

/// <summary>What nearly every case needs: files with content, attributes, listings. Each fails the case if it cannot.</summary>
internal static class Shorthand
{
    /// <summary>Makes a file with content and mode, owned by root or somebody else.</summary>
    public static void File(string path, string content = "", Mode? mode = null, User? owner = null)
    {
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600).Ok($"making {path}");
        Write(fd, content);
        close(fd).Ok();
        Own(path, owner);
        chmod(path, mode ?? 0644).Ok();
    }

    public static void Directory(string path, Mode? mode = null, User? owner = null)
    {
        mkdir(path, 0700).Ok($"making {path}");
        Own(path, owner);
        chmod(path, mode ?? 0755).Ok();
    }

    /// <summary>Writes all of a text where the descriptor stands; a character is a byte.</summary>
    public static void Write(int fd, string content) => write(fd, Bytes(content), (nuint)content.Length).Is(content.Length);

    public static void WriteAt(int fd, string content, long offset) => pwrite(fd, Bytes(content), (nuint)content.Length, offset).Is(content.Length);

    /// <summary>What is read from a position, at most so many bytes.</summary>
    public static string ReadAt(int fd, int count, long offset)
    {
        byte[] buffer = new byte[count];
        int length = pread(fd, buffer, (nuint)count, offset).Ok();
        return Text(buffer.AsSpan(0, length));
    }

    /// <summary>The content of a file, which is small.</summary>
    public static string Content(string path)
    {
        int fd = open(path, O_RDONLY).Ok($"reading {path}");
        string content = ReadAt(fd, 1 << 20, 0);
        close(fd).Ok();
        return content;
    }

    /// <summary>Attributes; of a symlink itself.</summary>
    public static Stat Lstat(string path, [CallerArgumentExpression(nameof(path))] string what = "") => Attributes(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, what);

    /// <summary>Attributes; of what a symlink leads to.</summary>
    public static Stat Stat(string path, [CallerArgumentExpression(nameof(path))] string what = "") => Attributes(AT_FDCWD, path, 0, what);

    public static Stat Stat(int fd) => Attributes(fd, "", AT_EMPTY_PATH, "fd");

    /// <summary>stat(2) as a call that may fail.</summary>
    public static Outcome stat(string path) => statx(AT_FDCWD, path, 0, StatxBuffer.BasicStats, out _);

    public static Outcome lstat(string path) => statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, StatxBuffer.BasicStats, out _);

    public static Outcome access(string path, int mode) => faccessat(AT_FDCWD, path, mode, 0);

    public static bool Exists(string path) => lstat(path).Error == Errno.None;

    /// <summary>The names in a directory without "." and "..", sorted.</summary>
    public static string[] Names(string path)
    {
        int fd = open(path, O_RDONLY | O_DIRECTORY).Ok($"listing {path}");
        string[] names = [.. Entries(fd).Select(entry => entry.Name).Where(name => name is not "." and not "..").Order(StringComparer.Ordinal)];
        close(fd).Ok();
        return names;
    }

    /// <summary>Entries of an open directory from where it stands, as the kernel hands them out.</summary>
    public static IEnumerable<(string Name, long Inode, int Type, long Next)> Entries(int fd, int bufferSize = 32 * 1024)
    {
        byte[] buffer = new byte[bufferSize];
        for (int length; (length = getdents64(fd, buffer, (nuint)bufferSize).Ok()) > 0;)
        {
            // struct linux_dirent64: inode 8, cookie of the next entry 8, record length 2, type 1, name.
            for (int at = 0, size; at < length; at += size)
            {
                size = BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + 16));
                int end = Array.IndexOf(buffer, (byte)0, at + 19);
                yield return (
                    Text(buffer.AsSpan((at + 19)..end)),
                    BinaryPrimitives.ReadInt64LittleEndian(buffer.AsSpan(at)),
                    buffer[at + 18],
                    BinaryPrimitives.ReadInt64LittleEndian(buffer.AsSpan(at + 8)));
            }
        }
    }

    public static string Target(string path)
    {
        byte[] buffer = new byte[PATH_MAX];
        return Text(buffer.AsSpan(0, readlink(path, buffer, (nuint)buffer.Length).Ok()));
    }

    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>A name of so many bytes.</summary>
    public static string Long(int length, char letter = 'n') => new(letter, length);

    /// <summary>Changes the umask for a part of a case.</summary>
    public static void WithUmask(Mode mask, Action action)
    {
        Mode before = umask(mask);
        try
        {
            action();
        }
        finally
        {
            _ = umask(before);
        }
    }

    private static Stat Attributes(int directory, string path, int flags, string what)
    {
        statx(directory, path, flags, StatxBuffer.BasicStats, out StatxBuffer buffer).Ok($"stat of {what}");
        return new Stat(buffer);
    }

    private static void Own(string path, User? owner)
    {
        if (owner is not null)
        {
            lchown(path, (int)owner.Uid, (int)owner.Gid).Ok();
        }
    }
}
