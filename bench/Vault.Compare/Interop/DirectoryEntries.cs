using System.Buffers.Binary;

namespace Vault.Compare.Interop;

/// <summary>The names in a directory, read as a whole before anything is done with them; "." and ".." are left out.</summary>
internal sealed class DirectoryEntries
{
    // struct linux_dirent64: d_ino 8, d_off 8, d_reclen 2, d_type 1, d_name.
    private const int LengthOffset = 16;
    private const int NameOffset = 19;

    private readonly byte[] _buffer = new byte[1 << 20];
    private int _length;
    private int _position;

    public void Load(int directory)
    {
        _length = 0;
        _position = 0;
        while (Posix.ReadDirectory(directory, _buffer.AsSpan(_length)) is var read and > 0)
            _length += read;
    }

    /// <param name="name">With its zero byte at the end.</param>
    public bool TryNext(out ReadOnlySpan<byte> name)
    {
        while (_position < _length)
        {
            ReadOnlySpan<byte> entry = _buffer.AsSpan(_position, BinaryPrimitives.ReadUInt16LittleEndian(_buffer.AsSpan(_position + LengthOffset)));
            _position += entry.Length;
            name = entry[NameOffset..];
            name = name[..(name.IndexOf((byte)0) + 1)];
            if (!name.SequenceEqual(".\0"u8) && !name.SequenceEqual("..\0"u8))
                return true;
        }

        name = default;
        return false;
    }
}
