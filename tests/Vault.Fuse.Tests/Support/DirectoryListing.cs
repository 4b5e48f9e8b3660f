using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Vault.Fuse.Protocol;

namespace Vault.Fuse.Tests.Support;

/// <summary>An entry of a listing.</summary>
internal sealed record ListedEntry(string Name, ulong Cookie, ulong Inode, uint Type, ulong NodeId);

/// <summary>Takes the replies to READDIR and READDIRPLUS apart, as the kernel does.</summary>
internal static class DirectoryListing
{
    public static List<ListedEntry> Parse(ReadOnlySpan<byte> body, bool plus)
    {
        var entries = new List<ListedEntry>();
        int headerBytes = plus ? Unsafe.SizeOf<FuseDirentplus>() : Unsafe.SizeOf<FuseDirent>();
        while (!body.IsEmpty)
        {
            ulong node = plus ? MemoryMarshal.Read<FuseEntryOut>(body).NodeId : 0;
            FuseDirent entry = MemoryMarshal.Read<FuseDirent>(body[(headerBytes - Unsafe.SizeOf<FuseDirent>())..]);
            Assert.InRange(entry.Namelen, 1u, 255u);
            int used = headerBytes + (int)entry.Namelen;
            int padded = (used + 7) / 8 * 8;
            Assert.Equal(-1, body[used..padded].IndexOfAnyExcept((byte)0));
            string name = Encoding.UTF8.GetString(body.Slice(headerBytes, (int)entry.Namelen));
            entries.Add(new ListedEntry(name, entry.Off, entry.Ino, entry.Type, node));
            body = body[padded..];
        }

        return entries;
    }

    /// <summary>Lists all, with as many requests as it takes.</summary>
    public static List<ListedEntry> ReadAll(this FuseClient client, ulong directory, uint size, Func<int, bool> isPlus)
    {
        var all = new List<ListedEntry>();
        for (int request = 0; ; request++)
        {
            bool plus = isPlus(request);
            Answer answer = client.Read(directory, all.Count == 0 ? 0 : all[^1].Cookie, size, plus ? FuseOpcode.ReadDirPlus : FuseOpcode.ReadDir);
            Assert.Equal(Storage.Errno.None, answer.Errno);
            if (answer.Body.Length == 0)
                return all;
            all.AddRange(Parse(answer.Body, plus));
        }
    }
}
