using System.Buffers.Binary;
using System.Text;

namespace Vault.Fuse.Tests.Support;

/// <summary>Writes the body of a request, field by field.</summary>
internal sealed class Bytes
{
    private readonly List<byte> _bytes = [];

    public static Bytes New => new();

    public Bytes U32(uint value)
    {
        Span<byte> field = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(field, value);
        return Raw(field);
    }

    public Bytes U64(ulong value)
    {
        Span<byte> field = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(field, value);
        return Raw(field);
    }

    /// <summary>A text and its NUL.</summary>
    public Bytes Name(string name) => Raw(Encoding.UTF8.GetBytes(name + "\0"));

    public Bytes Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public byte[] ToArray() => [.. _bytes];
}
