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
    private readonly Dictionary<(byte Table, ulong Object, ulong Item), byte[]> _unsealed = [];

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
        ReplayLog(Superblock[200..264]);
    }

    /// <summary>Appends of the log that were replayed.</summary>
    public int ReplayedAppends { get; private set; }

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
            if (ChunkOf((3, inode, (ulong)index)) is not { } unit)
                continue;
            int start = index * _chunkSize;
            unit.AsSpan(0, Math.Min(unit.Length, content.Length - start)).CopyTo(content.AsSpan(start));
        }

        return content;
    }

    // Whole, or as short as its unit; null: a hole.
    private byte[]? ChunkOf((byte Table, ulong Object, ulong Item) key) =>
        _unsealed.TryGetValue(key, out byte[]? unsealed) ? unsealed : _items.TryGetValue(key, out byte[]? record) ? Open(record[8..72]) : null;

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

    // Rules 1 to 4 of "Following a log". The log of an image that was taken between syncs is whole.
    private void ReplayLog(byte[] start)
    {
        ulong segment = UInt(start, 0, 6);
        int length = (int)UInt(start, 6, 2);
        int block = (int)UInt(start, 8, 2);
        byte[] last = start[40..56];
        while (segment != 0 && block < length)
        {
            ReadOnlySpan<byte> stored = _image.AsSpan(((int)segment + block) * Block);
            int count = (int)Math.Min(UInt(stored, 56, 8), int.MaxValue);
            if (count is < 1 or > 64 || block + count > length || !stored[40..56].SequenceEqual(last) || !TryOpenAppend(stored[..(count * Block)], segment + (ulong)block, out byte[] plaintext))
                return;
            if (UInt(plaintext, 0, 8) > UInt(start, 56, 8))
                return;
            last = stored[24..40].ToArray();
            block += count;
            byte[] records = plaintext[32..(32 + (int)UInt(plaintext, 24, 8))];
            if (records.Length > 0 && records[0] == 5)
            {
                segment = UInt(records, 1, 6);
                length = (int)UInt(records, 7, 2);
                block = 0;
                continue;
            }

            Replay(records);
            ReplayedAppends++;
        }
    }

    private bool TryOpenAppend(ReadOnlySpan<byte> stored, ulong address, out byte[] plaintext)
    {
        plaintext = new byte[stored.Length - 64];
        byte[] place = new byte[10];
        BinaryPrimitives.WriteUInt64LittleEndian(place, address);
        BinaryPrimitives.WriteUInt16LittleEndian(place.AsSpan(8), (ushort)(stored.Length / Block));
        using AesGcm cipher = new(Key(_master, stored[..16].ToArray(), "vaultfs v1 log"), 16);
        try
        {
            cipher.Decrypt([0, 0, 0, 0, .. stored[16..24]], stored[64..], stored[24..40], plaintext, [.. _vaultId, 6, .. stored[40..56], .. place]);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private void Replay(byte[] records)
    {
        List<((byte Table, ulong Object, ulong Item) Key, byte[] Fields, byte[] Blocks)> data = [];
        int at = 0;
        while (at < records.Length)
        {
            byte kind = records[at++];
            if (kind == 3)
            {
                at += 8;
                continue;
            }

            (byte Table, ulong Object, ulong Item) key = (records[at + 16], UInt(records, at, 8), UInt(records, at + 8, 8));
            at += 20;
            if (kind == 4)
            {
                int size = records[at + 1] * Block;
                data.Add((key, records[at..(at + 5)], records[(at + 5)..(at + 5 + size)]));
                at += 5 + size;
                continue;
            }

            Assert.True(kind is 1 or 2);
            _unsealed.Remove(key);
            _items.Remove(key);
            if (kind == 2)
                continue;
            int length = (int)UInt(records, at, 2);
            _items[key] = records[(at + 2)..(at + 2 + length)];
            at += 2 + length;
        }

        foreach ((var key, byte[] fields, byte[] blocks) in data)
        {
            if (!_unsealed.TryGetValue(key, out byte[]? chunk))
            {
                _unsealed[key] = chunk = new byte[_chunkSize];
                if (fields[4] == 0)
                    Open(_items[key][8..72]).CopyTo(chunk, 0);
            }

            blocks.CopyTo(chunk, fields[0] * Block);
        }
    }
}
