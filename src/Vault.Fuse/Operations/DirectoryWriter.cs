using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vault.Fuse.Dispatch;
using Vault.Fuse.Protocol;
using Vault.Storage;

namespace Vault.Fuse.Operations;

/// <summary>Writes directory entries as READDIR or READDIRPLUS sends them.</summary>
internal ref struct DirectoryWriter : IDirectorySink
{
    private readonly Span<byte> _destination;
    private readonly VaultFileSystem? _referenced;

    /// <summary>Makes an empty writer.</summary>
    /// <param name="destination">Where the entries go.</param>
    /// <param name="referenced">For READDIRPLUS: where each entry placed is counted as looked up. Null for READDIR.</param>
    public DirectoryWriter(Span<byte> destination, VaultFileSystem? referenced)
    {
        _destination = destination;
        _referenced = referenced;
    }

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Whether an entry was refused for lack of room.</summary>
    public bool WasFull { get; private set; }

    /// <inheritdoc/>
    public bool TryAdd(ulong cookie, ReadOnlySpan<byte> name, in InodeAttributes attributes)
    {
        int headerBytes = _referenced is null ? Unsafe.SizeOf<FuseDirent>() : Unsafe.SizeOf<FuseDirentplus>();
        int usedBytes = headerBytes + name.Length;
        int recordBytes = (usedBytes + FuseProtocol.RecordAlignment - 1) & ~(FuseProtocol.RecordAlignment - 1);
        if (recordBytes > _destination.Length - Length)
        {
            WasFull = true;
            return false;
        }

        Span<byte> record = _destination.Slice(Length, recordBytes);
        var entry = new FuseDirent
        {
            Ino = attributes.Inode.Value,
            Off = cookie,
            Namelen = (uint)name.Length,
            Type = (attributes.Mode & ModeBits.TypeMask) >> 12,
        };
        if (_referenced is null)
            MemoryMarshal.Write(record, in entry);
        else
            WriteWithAttributes(record, name, in entry, in attributes);
        name.CopyTo(record[headerBytes..]);
        record[usedBytes..].Clear();
        Length += recordBytes;
        return true;
    }

    private readonly void WriteWithAttributes(Span<byte> record, ReadOnlySpan<byte> name, in FuseDirent entry, in InodeAttributes attributes)
    {
        var full = new FuseDirentplus { Dirent = entry };

        // For "." and "..", and where there are no attributes, the node number stays 0: the kernel takes no reference and
        // looks the name up when somebody needs it.
        if (!FuseNames.IsDots(name) && attributes.LinkCount != 0)
        {
            full.EntryOut = Replies.Entry(in attributes);
            _referenced!.AddReference(attributes.Inode);
        }

        MemoryMarshal.Write(record, in full);
    }
}
