using System.Buffers.Binary;
using static Vault.Posix.Harness.Shorthand;
using static Vault.Posix.Interop.Calls;

namespace Vault.Posix.Harness;

/// <summary>
/// POSIX ACLs in the short text of acl(5): <c>u::rwx,u:3002:r--,g::r-x,m::rwx,o::---</c>, with ids in numbers, and as the
/// extended attributes in which Linux keeps them.
/// </summary>
internal static class Acl
{
    public const string AccessName = "system.posix_acl_access";
    public const string DefaultName = "system.posix_acl_default";

    private const int Version = 2;
    private const int EntrySize = 8;
    private const uint NoId = uint.MaxValue;

    /// <summary>Tags of <c>linux/posix_acl.h</c>: without and with an id.</summary>
    private static readonly (string Letter, ushort Plain, ushort Named)[] Tags = [("u", 0x01, 0x02), ("g", 0x04, 0x08), ("m", 0x10, 0), ("o", 0x20, 0)];

    public static Interop.Outcome SetAccess(string path, string acl) => Set(path, AccessName, Encode(acl));

    public static Interop.Outcome SetDefault(string path, string acl) => Set(path, DefaultName, Encode(acl));

    public static Interop.Outcome Set(string path, string name, byte[] value) => setxattr(path, name, value, (nuint)value.Length, 0);

    /// <returns>Empty if there is none.</returns>
    public static string Access(string path) => Get(path, AccessName);

    /// <returns>Empty if there is none.</returns>
    public static string Default(string path) => Get(path, DefaultName);

    public static byte[] Encode(string acl)
    {
        string[] entries = acl.Split(',');
        byte[] value = new byte[4 + (EntrySize * entries.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(value, Version);
        for (int i = 0; i < entries.Length; i++)
        {
            string[] fields = entries[i].Split(':');
            (_, ushort plain, ushort named) = Tags.Single(tag => tag.Letter == fields[0]);
            Span<byte> entry = value.AsSpan(4 + (EntrySize * i));
            BinaryPrimitives.WriteUInt16LittleEndian(entry, fields[1].Length > 0 ? named : plain);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], (ushort)((fields[2][0] == 'r' ? 4 : 0) | (fields[2][1] == 'w' ? 2 : 0) | (fields[2][2] == 'x' ? 1 : 0)));
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], fields[1].Length > 0 ? uint.Parse(fields[1]) : NoId);
        }

        return value;
    }

    private static string Get(string path, string name)
    {
        byte[] value = new byte[4096];
        Interop.Outcome outcome = getxattr(path, name, value, (nuint)value.Length);
        return outcome.Error == Interop.Errno.ENODATA ? "" : Decode(value.AsSpan(0, outcome.Ok($"the ACL of {path}")));
    }

    private static string Decode(ReadOnlySpan<byte> value)
    {
        List<string> entries = [];
        for (int at = 4; at < value.Length; at += EntrySize)
        {
            ushort tag = BinaryPrimitives.ReadUInt16LittleEndian(value[at..]);
            ushort bits = BinaryPrimitives.ReadUInt16LittleEndian(value[(at + 2)..]);
            (string letter, ushort plain, _) = Tags.Single(known => known.Plain == tag || known.Named == tag);
            string id = tag == plain ? "" : BinaryPrimitives.ReadUInt32LittleEndian(value[(at + 4)..]).ToString();
            entries.Add($"{letter}:{id}:{((bits & 4) != 0 ? 'r' : '-')}{((bits & 2) != 0 ? 'w' : '-')}{((bits & 1) != 0 ? 'x' : '-')}");
        }

        return string.Join(',', entries);
    }
}
