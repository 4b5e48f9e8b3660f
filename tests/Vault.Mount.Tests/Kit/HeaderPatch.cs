using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Vault.Mount.Tests.Kit;

/// <summary>Changes both copies of a container's header, by docs/format/header.md.</summary>
internal static class HeaderPatch
{
    public static readonly IReadOnlyList<long> CopyOffsets = [0, 64 * 1024];

    private const int CopySize = 4096;
    private const int VersionOffset = 8;
    private const int ChecksumOffset = 4064;

    /// <summary>Sets the format version, with a right checksum: what a newer program would have written.</summary>
    public static void SetVersion(string path, ushort version)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite);
        foreach (long offset in CopyOffsets)
        {
            byte[] copy = new byte[CopySize];
            file.Position = offset;
            file.ReadExactly(copy);
            BinaryPrimitives.WriteUInt16LittleEndian(copy.AsSpan(VersionOffset), version);
            SHA256.HashData(copy.AsSpan(0, ChecksumOffset), copy.AsSpan(ChecksumOffset));
            file.Position = offset;
            file.Write(copy);
        }
    }

    /// <summary>Flips one bit in the middle of a copy.</summary>
    public static void Damage(string path, int copyIndex)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = CopyOffsets[copyIndex] + 300;
        int value = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(value ^ 1));
    }
}
