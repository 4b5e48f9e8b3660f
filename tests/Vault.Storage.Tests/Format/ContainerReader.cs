using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Vault.Storage.Tests;

/// <summary>
/// A second reader of the format: opens a container by docs/format alone. Numbers and labels are literal, the
/// cipher is the framework's, and no type of the product is used.
/// </summary>
internal sealed class ContainerReader
{
    private const int Block = 4096;
    private readonly byte[] _image;
    private readonly byte[] _master;
    private readonly byte[] _vaultId;
    private readonly int _chunkSize;
    private readonly SortedDictionary<(byte Table, ulong Object, ulong Item), byte[]> _items = [];

    public ContainerReader(byte[] image, byte[] master)
    {
        _image = image;
        _master = master;
        _chunkSize = (int)UInt(image, 16, 4);
        _vaultId = image[24..40];
        (Superblock, Generation) = Enumerable.Range(0, 8).Select(OpenSlot).MaxBy(s => s.Generation);
        for (ulong fixedBlock = 0; fixedBlock < 64; fixedBlock++)
            Reached.Add(fixedBlock);
        ReadTree(Superblock[40..104], level: null);
        ReadSpace(Superblock[104..168], Superblock[2], 0);
    }

    /// <summary>The plaintext of the newest slot.</summary>
    public byte[] Superblock { get; }

    public ulong Generation { get; }

    /// <summary>Blocks that pointers lead to, and the fixed ones.</summary>
    public SortedSet<ulong> Reached { get; } = [];

    /// <summary>Blocks that the space map says are used.</summary>
    public SortedSet<ulong> Used { get; } = [];

    public byte[] Inode(ulong inode) => _items[(1, inode, 0)];

    public IEnumerable<(ulong Object, ulong Item, byte[] Value)> Table(byte table) =>
        _items.Where(i => i.Key.Table == table).Select(i => (i.Key.Object, i.Key.Item, i.Value));

    /// <summary>The inode that a name leads to.</summary>
    public ulong Find(ulong directory, string name)
    {
        ulong hash = Math.Max(HashOf(Encoding.UTF8.GetBytes(name)), 1);
        for (ulong item = hash * 128; item < (hash + 1) * 128; item++)
        {
            if (_items.TryGetValue((2, directory, item), out byte[]? entry) && Encoding.UTF8.GetString(entry, 10, entry.Length - 10) == name)
                return UInt(entry, 0, 8);
        }

        throw new FileNotFoundException(name);
    }

    /// <summary>Bytes of a file that are noted as lost: (offset, length).</summary>
    public IEnumerable<(ulong Offset, ulong Length)> Lost(ulong inode)
    {
        ulong size = UInt(Inode(inode), 24, 8);
        if ((Inode(inode)[20] & 2) != 0 && !_items.ContainsKey((4, inode, 0)))
            return [(0, size)];
        if ((Inode(inode)[20] & 4) == 0)
            return [];
        return Table(11).Where(r => r.Object == inode).Select(r =>
        {
            ulong start = UInt(r.Value, 0, 8) * (ulong)_chunkSize;
            return (start, Math.Min((r.Item + 1) * (ulong)_chunkSize, size) - start);
        });
    }

    /// <summary>A file's content, none of which is lost.</summary>
    public byte[] Content(ulong inode)
    {
        byte[] record = Inode(inode);
        Assert.Empty(Lost(inode));
        byte[] content = new byte[UInt(record, 24, 8)];
        if ((record[20] & 2) != 0)
        {
            _items[(4, inode, 0)].CopyTo(content, 0);
            return content;
        }

        for (int index = 0; index * _chunkSize < content.Length; index++)
        {
            if (!_items.TryGetValue((3, inode, (ulong)index), out byte[]? chunk))
                continue;
            byte[] unit = Open(chunk[8..72]);
            int start = index * _chunkSize;
            unit.AsSpan(0, Math.Min(unit.Length, content.Length - start)).CopyTo(content.AsSpan(start));
        }

        return content;
    }

    public string SymlinkTarget(ulong inode) => Encoding.UTF8.GetString(_items[(5, inode, 0)]);

    /// <summary>The value of an extended attribute.</summary>
    public byte[] Xattr(ulong inode, string name)
    {
        ulong first = (HashOf(Encoding.UTF8.GetBytes(name)) >> 8) * 65536;
        for (ulong item = first; item < first + 65536; item += 256)
        {
            if (!_items.TryGetValue((6, inode, item), out byte[]? piece) || Encoding.UTF8.GetString(piece, 6, piece[0]) != name)
                continue;
            byte[] value = piece[(6 + piece[0])..];
            for (ulong next = item + 1; value.Length < (int)UInt(piece, 2, 4); next++)
                value = [.. value, .. _items[(6, inode, next)]];
            return value;
        }

        throw new FileNotFoundException(name);
    }

    private static ulong UInt(ReadOnlySpan<byte> bytes, int offset, int size)
    {
        ulong value = 0;
        for (int i = size - 1; i >= 0; i--)
            value = (value << 8) | bytes[offset + i];
        return value;
    }

    private static byte[] Key(byte[] parent, byte[] salt, string label) => HKDF.DeriveKey(HashAlgorithmName.SHA256, parent, 32, salt, Encoding.ASCII.GetBytes(label));

    private ulong HashOf(byte[] name) => UInt(HMACSHA256.HashData(Key(_master, [], "vaultfs v1 name"), name), 0, 7);

    private (byte[] Plaintext, ulong Generation) OpenSlot(int index)
    {
        byte[] slot = _image[((32 + index) * Block)..((33 + index) * Block)];
        byte[] key = Key(Key(_master, [], "vaultfs v1 superblock"), slot[..32], "vaultfs v1 superblock slot");
        byte[] plaintext = new byte[4048];
        using AesGcm cipher = new(key, 16);
        cipher.Decrypt(new byte[12], slot.AsSpan(48), slot.AsSpan(32, 16), plaintext, [.. _vaultId, .. "superblock"u8, (byte)index]);
        ulong generation = UInt(plaintext, 8, 8);
        Assert.Equal((ulong)index, generation % 8);
        return (plaintext, generation);
    }

    private byte[] Open(byte[] pointer)
    {
        ulong address = UInt(pointer, 0, 6);
        ulong second = UInt(pointer, 6, 6);
        int blocks = pointer[13] + 1;
        byte[] plaintext = OpenAt(address, blocks, pointer);
        if (second != 0)
            Assert.Equal(plaintext, OpenAt(second, blocks, pointer));
        return plaintext;
    }

    private byte[] Reach(byte[] pointer)
    {
        foreach (ulong address in (ulong[])[UInt(pointer, 0, 6), UInt(pointer, 6, 6)])
        {
            for (ulong i = 0; address != 0 && i <= pointer[13]; i++)
                Assert.True(Reached.Add(address + i), "Two pointers lead to one block.");
        }

        return Open(pointer);
    }

    private byte[] OpenAt(ulong address, int blocks, byte[] pointer)
    {
        string label = pointer[12] switch { 1 or 2 => "vaultfs v1 page", 3 => "vaultfs v1 chunk", _ => "vaultfs v1 space map" };
        byte[] plaintext = new byte[blocks * Block];
        using AesGcm cipher = new(Key(_master, pointer[24..40], label), 16);
        cipher.Decrypt([0, 0, 0, 0, .. pointer[40..48]], _image.AsSpan((int)address * Block, plaintext.Length), pointer.AsSpan(48, 16), plaintext, [.. _vaultId, pointer[12]]);
        return plaintext;
    }

    private void ReadTree(byte[] pointer, int? level)
    {
        byte[] page = Reach(pointer);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(page.AsSpan(2));
        Assert.Equal(pointer[12] == 1 ? 0x4C : 0x42, page[0]);
        Assert.Equal(level ?? page[1], page[1]);
        for (int i = 0; i < count; i++)
        {
            if (page[1] > 0)
            {
                ReadTree(page[(16 + (88 * i) + 24)..(16 + (88 * i) + 88)], page[1] - 1);
                continue;
            }

            byte[] slot = page[(16 + (24 * i))..(16 + (24 * i) + 24)];
            byte[] value = page.AsSpan((int)UInt(slot, 20, 2), (int)UInt(slot, 22, 2)).ToArray();
            _items.Add((slot[16], UInt(slot, 0, 8), UInt(slot, 8, 8)), value);
            if (slot[16] == 3)
                _ = Reach(value[8..72]);
        }
    }

    private void ReadSpace(byte[] pointer, int level, ulong position)
    {
        if (UInt(pointer, 0, 6) == 0)
            return;
        byte[] page = Reach(pointer);
        if (level > 0)
        {
            for (int i = 0; i < 64; i++)
                ReadSpace(page[(64 * i)..((64 * i) + 64)], level - 1, (position * 64) + (ulong)i);
            return;
        }

        for (int n = 0; n < 32768; n++)
        {
            if ((page[n / 8] & (1 << (n % 8))) != 0)
                Used.Add((position * 32768) + (ulong)n);
        }

        Assert.Equal((ulong)(32768 - Used.Count(b => b / 32768 == position)), UInt(pointer, 14, 2));
    }
}
