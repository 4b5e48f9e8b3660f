using System.Buffers.Binary;
using System.Globalization;
using Vault.Crypto;
using Vault.Testing;

namespace Vault.Storage.Tests;

/// <summary>Holds the tables of docs/format/container.md against what the code writes.</summary>
public sealed class FormatDocumentTests
{
    private const string Document = "docs/format/container.md";

    private static readonly BlockPointer SomePointer = PointerOf(SealKind.Branch, 0xA1);
    private static readonly LogStart SomeLogStart = new(
        new LogSegment(new(0x1615_1413_1211), 0x17), 0x2221, new SealStamp(Long(0x31), 0x4847_4645_4443_4241, Long(0x51)), 0x6867_6665_6463_6261);

    private static readonly BlockPointer OtherPointer = PointerOf(SealKind.SpaceIndex, 0xB1);

    // Goal: the fixed parts lie where the document says.
    // Method: read the table of blocks; compare with the constants.
    [Fact]
    public void Places()
    {
        Assert.Equal(
            ["0 1 HeaderCopyA", "1 15 FillA", "16 1 HeaderCopyB", "17 15 FillB", "32 8 SuperblockRing", "40 24 FillC", "64 rest Units"],
            FormatDocument.Rows(Document, "## Places").Select(r => $"{r[0]} {r[1]} {r[2]}"));
        Assert.Equal(0, ContainerLayout.HeaderCopyAOffset);
        Assert.Equal(16 * ContainerLayout.BlockSize, ContainerLayout.HeaderCopyBOffset);
        Assert.Equal(32UL, ContainerLayout.SuperblockRingBlock);
        Assert.Equal(8, ContainerLayout.SuperblockSlotCount);
        Assert.Equal(64UL, ContainerLayout.FirstDataBlock);
    }

    // Goal: each structure has the documented fields at the documented places.
    // Method, here and below: write it with a value of its own in each field; compare the bytes of each row of the table.
    [Fact]
    public void Pointer()
    {
        BlockPointer pointer = new(
            new(0x0605_0403_0201), new(0x1615_1413_1211), SealKind.SpaceBitmap, 0x71, 0x2221, 0x3837_3635_3433_3231, new SealStamp(Long(0x41), 0x5857_5655_5453_5251, Long(0x61)));
        FormatDocument.CheckEncoding(
            Document, "## Pointer", Bytes(pointer), ("Address", Run(0x01, 6)), ("Second", Run(0x11, 6)), ("Kind", [4]), ("LengthLessOne", [0x70]), ("Spare", Run(0x21, 2)),
            ("Birth", Run(0x31, 8)), ("Salt", Run(0x41, 16)), ("Sequence", Run(0x51, 8)), ("Tag", Run(0x61, 16)));
        Assert.Equal(pointer, BlockPointer.Read(Bytes(pointer)));
        Assert.Equal(new byte[64], Bytes(default(BlockPointer)));
        Assert.Equal([1, 2, 3, 4, 5], new[] { SealKind.Leaf, SealKind.Branch, SealKind.Chunk, SealKind.SpaceBitmap, SealKind.SpaceIndex }.Select(k => (int)k));
    }

    [Fact]
    public void Superblock()
    {
        LineageEntry[] lineage = [.. Enumerable.Range(0, Storage.Superblock.LineageCount).Select(i => new LineageEntry(Long(i), (ulong)i + 1000, Long(i + 100)))];
        Superblock superblock = new()
        {
            Generation = 0x1817_1615_1413_1211,
            HeaderSequence = 0x2827_2625_2423_2221,
            Session = Long(0x31),
            TreeRoot = SomePointer,
            Space = new SpaceMapRoot(OtherPointer, 5, 0x0000_4645_4443_4241, 0x0000_0000_5453_5251),
            NextInode = 0x100F_0E0D_0C0B_0A09,
            InodeCount = 0x7877_7675_7473_7271,
            IsClean = true,
            Log = SomeLogStart,
            Lineage = lineage,
            CommitTimeSeconds = 0x0807_0605_0403_0201,
        };
        byte[] plaintext = Filled(VaultCipher.SuperblockPlaintextSize);
        superblock.WriteTo(plaintext);
        FormatDocument.CheckEncoding(
            Document, "## Superblock", plaintext, ("Flags", [1, 0]), ("SpaceDepth", [5]), ("LineageCount", [32]), ("ReservedA", new byte[4]), ("Generation", Run(0x11, 8)),
            ("HeaderSequence", Run(0x21, 8)), ("Session", Run(0x31, 16)), ("TreeRoot", Bytes(SomePointer)), ("SpaceIndex", Bytes(OtherPointer)),
            ("TotalBlocks", [.. Run(0x41, 6), 0, 0]), ("FreeBlocks", [.. Run(0x51, 4), 0, 0, 0, 0]), ("NextInode", Run(0x09, 8)), ("InodeCount", Run(0x71, 8)), ("IntentLog", Bytes(superblock.Log)), ("ReservedC", new byte[56]),
            ("Lineage", [.. lineage.SelectMany(Bytes)]), ("CommitTime", Run(1, 8)), ("ReservedB", new byte[2440]));
        Superblock? read = Storage.Superblock.TryRead(plaintext);
        Assert.Equal(superblock with { Lineage = read!.Lineage }, read);
        Assert.Equal(lineage, read.Lineage);
        (superblock with { IsClean = false }).WriteTo(plaintext);
        Assert.Equal(0, plaintext[0]);
    }

    [Fact]
    public void Lineage_entry() => FormatDocument.CheckEncoding(
        Document, "## Lineage entry", Bytes(new LineageEntry(Long(0x11), 0x2827_2625_2423_2221, Long(0x31))),
        ("Session", Run(0x11, 16)), ("LastGeneration", Run(0x21, 8)), ("SuperblockTag", Run(0x31, 16)));

    [Fact]
    public void Log_start()
    {
        FormatDocument.CheckEncoding(
            Document, "### Log start", Bytes(SomeLogStart), ("Segment", Run(0x11, 7).Append((byte)0).ToArray()), ("NextBlock", Run(0x21, 2)), ("ReservedA", new byte[6]),
            ("LastSalt", Run(0x31, 16)), ("LastSequence", Run(0x41, 8)), ("LastTag", Run(0x51, 16)), ("Generation", Run(0x61, 8)));
        Assert.Equal(SomeLogStart, LogStart.Read(Bytes(SomeLogStart)));
        Assert.Equal(new byte[LogStart.SizeBytes], Bytes(default(LogStart)));
        FormatDocument.CheckEncoding(
            Document, "Segment or run:", Bytes(new LogSegment(new(0x1615_1413_1211), 0x100)), ("Address", Run(0x11, 6)), ("BlockCount", Number(256)));
    }

    [Fact]
    public void Append()
    {
        byte[] frame = Filled(LogFrame.SizeBytes);
        new LogFrame(new SealStamp(Long(0x11), 0x2827_2625_2423_2221, Long(0x31)), Long(0x41), 64).WriteTo(frame);
        FormatDocument.CheckEncoding(
            Document, "### Append", frame, ("Salt", Run(0x11, 16)), ("Sequence", Run(0x21, 8)), ("Tag", Run(0x31, 16)), ("PreviousTag", Run(0x41, 16)), ("BlockCount", [64, 0, 0, 0, 0, 0, 0, 0]));
        byte[] context = Filled(LogFrame.ContextSize);
        LogFrame.WriteContext(context, Long(0x41), new BlockAddress(0x1615_1413_1211), 64);
        Assert.Equal([.. Run(0x41, 16), .. Run(0x11, 6), 0, 0, 64, 0], context);
        byte[] header = Filled(LogHeader.SizeBytes);
        new LogHeader(0x1817_1615_1413_1211, 0x2827_2625_2423_2221, 0x3837_3635_3433_3231, 0x4443_4241).WriteTo(header);
        FormatDocument.CheckEncoding(
            Document, "Header of an append:", header, ("BaseGeneration", Run(0x11, 8)), ("NextInode", Run(0x21, 8)), ("InodeCount", Run(0x31, 8)), ("RecordBytes", [.. Run(0x41, 4), 0, 0, 0, 0]));
    }

    [Fact]
    public void Log_records()
    {
        Assert.Equal(Enum.GetValues<LogRecordKind>().Select(k => $"{(int)k} {k}"), FormatDocument.Rows(Document, "### Log records").Select(r => $"{r[0]} {r[1]}"));
        TreeKey key = new(TableId.Chunks, 0x11, 0x12);
        LogSegment run = new(new(0x1615_1413_1211), 3);
        byte[] room = new byte[3 * ContainerLayout.BlockSize];
        byte[] blocks = FileSystemExtensions.RandomBytes(2 * ContainerLayout.BlockSize);
        LogRecordWriter records = new(room);
        Assert.True(records.TryPut(key, "value"u8) && records.TryRemove(key) && records.TryFree(run) && records.TryContinue(run) && records.TryData(key, new LoggedChunk(5, 6, 7, true), blocks));
        byte[] fields = [5, 2, 6, 7, 1];
        Assert.Equal(
            [1, .. Bytes(key), 5, 0, .. "value"u8, 2, .. Bytes(key), 3, .. Bytes(run), 5, .. Bytes(run), 4, .. Bytes(key), .. fields, .. blocks], room[..records.Length]);
        FormatDocument.CheckEncoding(
            Document, "Fields of Data:", fields, ("FirstBlock", [5]), ("BlockCount", [2]), ("CountedBlocks", [6]), ("PlaceBlocks", [7]), ("IsFresh", [1]));
    }

    // Goal: bits of a bitmap and slots of an index page are counted as documented.
    // Method: mark one block; write an index that has one pointer, read the unit back and look where it lies.
    [Fact]
    public void Space_map()
    {
        BitmapPage bitmap = new(0, new ReadySpace());
        bitmap.Mark(83, 1, used: true, commitIsRunning: false, byCommit: false);
        Assert.Equal(1 << 3, bitmap.Frozen[10]);

        using TestUnits units = new();
        SpaceIndex index = new(units.Units, default, 0);
        index.Set(0, OtherPointer);
        index.Set((5 * 64) + 7, SomePointer);
        ulong next = 64;
        index.AssignDirty(_ => new BlockPointer(new(next++), default, SealKind.SpaceIndex, 1, 0, 1, default));
        index.WriteDirty();
        Assert.Equal(2, index.Depth);
        byte[] root = units.Read(index.RootPointer);
        byte[] zeros = new byte[64];
        FormatDocument.CheckEncoding(Document, "## Space map", units.Read(BlockPointer.Read(root)), ("FirstPointer", Bytes(OtherPointer)), ("OtherPointers", new byte[63 * 64]));
        Assert.Equal(Bytes(SomePointer), units.Read(BlockPointer.Read(root.AsSpan(5 * 64)))[(7 * 64)..(8 * 64)]);
        Assert.Equal(zeros, root[64..128]);
    }

    [Fact]
    public void Key()
    {
        byte[] bytes = Filled(TreeKey.SizeBytes);
        new TreeKey(TableId.Lineage, 0x1817_1615_1413_1211, 0x2827_2625_2423_2221).WriteTo(bytes);
        FormatDocument.CheckEncoding(Document, "### Key", bytes, ("Object", Run(0x11, 8)), ("Item", Run(0x21, 8)), ("Table", [9]), ("ReservedA", new byte[3]));
        TreeKey[] ordered = [new(TableId.Inodes, 9, 9), new(TableId.Chunks, 1, 9), new(TableId.Chunks, 2, 1), new(TableId.Chunks, 2, 2)];
        Assert.Equal(ordered, ordered.Reverse().Order(Comparer<TreeKey>.Create((a, b) => a.CompareTo(b))));
    }

    [Fact]
    public void Leaf_page()
    {
        byte[] page = Filled(ContainerLayout.PageSize);
        LeafPage.Format(page);
        TreeKey low = new(TableId.Chunks, 0x11, 0x12);
        TreeKey high = new(TableId.Chunks, 0x21, 0x22);
        new LeafPage(page).Append(high, Run(0x31, 7));
        Assert.True(new LeafPage(page).TryInsert(0, low, Run(0x41, 300)));
        byte[] lowSlot = [.. Bytes(low), .. Number(16384 - 307), .. Number(300)];
        byte[] highSlot = [.. Bytes(high), .. Number(16384 - 7), .. Number(7)];
        FormatDocument.CheckEncoding(
            Document, "### Leaf page", page, ("Mark", [0x4C]), ("Level", [0]), ("Count", Number(2)), ("HeapStart", Number(16384 - 307)), ("LiveValueBytes", Number(307)),
            ("ReservedA", new byte[8]), ("SlotsAndValues", [.. lowSlot, .. highSlot, .. new byte[16384 - 16 - 48 - 307], .. Run(0x41, 300), .. Run(0x31, 7)]));
        FormatDocument.CheckEncoding(
            Document, "Leaf slot:", page.AsSpan(16, LeafPage.SlotSize), ("Key", Bytes(low)), ("ValueOffset", Number(16384 - 307)), ("ValueLength", Number(300)));
        Assert.True(LeafPage.IsWellFormed(page));
    }

    [Fact]
    public void Branch_page()
    {
        byte[] page = Filled(ContainerLayout.PageSize);
        BranchPage.Format(page, 3);
        TreeKey key = new(TableId.Chunks, 0x11, 0x12);
        new BranchPage(page).Insert(0, default, OtherPointer);
        new BranchPage(page).Insert(1, key, SomePointer);
        byte[] slot = [.. Bytes(key), 0, 0, 0, 0, .. Bytes(SomePointer)];
        FormatDocument.CheckEncoding(
            Document, "### Branch page", page, ("Mark", [0x42]), ("Level", [3]), ("Count", Number(2)), ("ReservedA", new byte[12]),
            ("Slots", [.. new byte[24], .. Bytes(OtherPointer), .. slot, .. new byte[16384 - 16 - 176]]));
        FormatDocument.CheckEncoding(
            Document, "Branch slot:", page.AsSpan(16 + BranchPage.SlotSize, BranchPage.SlotSize), ("LowerBound", Bytes(key)), ("ReservedA", new byte[4]), ("Pointer", Bytes(SomePointer)));
        Assert.True(BranchPage.IsWellFormed(page));
    }

    // Goal: the tables have the documented numbers. Method: compare with the enum.
    [Fact]
    public void Tables() => Assert.Equal(
        Enum.GetValues<TableId>().Select(t => $"{(int)t} {t}"), FormatDocument.Rows(Document, "## Tables").Select(r => $"{r[0]} {r[1]}"));

    [Fact]
    public void Inode_record()
    {
        byte[] bytes = Filled(InodeRecord.SizeBytes);
        InodeRecord record = new()
        {
            Mode = 0x1413_1211,
            LinkCount = 0x2423_2221,
            UserId = 0x3433_3231,
            GroupId = 0x4443_4241,
            DeviceNumber = 0x5453_5251,
            Flags = InodeFlags.IsInline,
            Size = 0x1716_1514_1312_1110,
            DataBlocks = 0x2726_2524_2322_2120,
            Parent = 0x3736_3534_3332_3130,
            AccessTime = new(0x4746_4544_4342_4140, 0x4B4A_4948),
            ModifyTime = new(0x5756_5554_5352_5150, 0x5B5A_5958),
            ChangeTime = new(0x6766_6564_6362_6160, 0x6B6A_6968),
            BirthTime = new(0x7776_7574_7372_7170, 0x7B7A_7978),
            AttributeFlags = (AttributeFlags)0x8382_8180,
        };
        record.WriteTo(bytes);
        FormatDocument.CheckEncoding(
            Document, "## Inode record", bytes, ("Mode", Run(0x11, 4)), ("LinkCount", Run(0x21, 4)), ("UserId", Run(0x31, 4)), ("GroupId", Run(0x41, 4)),
            ("DeviceNumber", Run(0x51, 4)), ("Flags", [2, 0, 0, 0]), ("Size", Run(0x10, 8)), ("DataBlocks", Run(0x20, 8)), ("Parent", Run(0x30, 8)),
            ("AccessTime", Run(0x40, 12)), ("ModifyTime", Run(0x50, 12)), ("ChangeTime", Run(0x60, 12)), ("BirthTime", Run(0x70, 12)), ("AttributeFlags", Run(0x80, 4)), ("ReservedA", new byte[28]));
        FormatDocument.CheckEncoding(Document, "Time:", bytes.AsSpan(48, 12), ("Seconds", Run(0x40, 8)), ("Nanoseconds", Run(0x48, 4)));
        Assert.Equal(1u, (uint)InodeFlags.HasXattrs);
        Assert.Equal(record, InodeRecord.Read(bytes));
    }

    [Fact]
    public void Directory_entry()
    {
        using TestUnits units = new();
        DirectoryTable table = new(units.Tree, units.Cipher);
        HashedName name = table.Hash("some name"u8);
        Assert.Equal(units.Cipher.HashName("some name"u8) * 128, name.FirstItem);
        table.Put(new InodeNumber(77), name.FirstItem + 3, name, new InodeNumber(0x1817_1615_1413_1211), 0x81A4);
        FormatDocument.CheckEncoding(
            Document, "## Directory entry", units.Value(new TreeKey(TableId.DirectoryEntries, 77, name.FirstItem + 3)),
            ("Inode", Run(0x11, 8)), ("Type", Number(0x8000)), ("Name", "some name"u8.ToArray()));
    }

    [Fact]
    public void Chunk_record()
    {
        byte[] bytes = Filled(ChunkRecord.SizeBytes);
        ChunkRecord.Write(bytes, SomePointer);
        FormatDocument.CheckEncoding(Document, "Chunk record:", bytes, ("Kind", [1]), ("ReservedA", new byte[7]), ("Pointer", Bytes(SomePointer)));
    }

    [Fact]
    public void Count_of_a_shared_chunk()
    {
        using TestUnits units = new();
        SharedChunks.Put(units.Tree, new BlockAddress(77), 0x1617_1615_1413);
        FormatDocument.CheckEncoding(Document, "Count of a shared chunk:", units.Value(new TreeKey(TableId.SharedChunks, 77)), ("Count", [0x13, 0x14, 0x15, 0x16, 0x17, 0x16, 0, 0]));
    }

    [Fact]
    public void Extended_attribute()
    {
        using TestUnits units = new();
        XattrTable table = new(units.Tree, units.Cipher);
        InodeNumber inode = new(77);
        byte[] value = FileSystemExtensions.RandomBytes(9000);
        Assert.False(table.TryFind(inode, "user.some"u8, out _, out _, out ulong item));
        Assert.Equal((units.Cipher.HashName("user.some"u8) >> 8) * 65536, item);
        table.Put(inode, item + 0x200, "user.some"u8, value);
        int inFirst = 4096 - 6 - 9;
        FormatDocument.CheckEncoding(
            Document, "Piece 0:", units.Value(new TreeKey(TableId.Xattrs, 77, item + 0x200)),
            ("NameLength", [9]), ("ReservedA", [0]), ("ValueLength", [.. Number(9000), 0, 0]), ("NameAndValue", [.. "user.some"u8, .. value[..inFirst]]));
        Assert.Equal(value[inFirst..(inFirst + 4096)], units.Value(new TreeKey(TableId.Xattrs, 77, item + 0x201)));
        Assert.Equal(value[(inFirst + 4096)..], units.Value(new TreeKey(TableId.Xattrs, 77, item + 0x202)));
    }

    // Goal: the documented limits are the code's. Method: compare with the constants.
    [Fact]
    public void Limits() => Assert.Equal(
        [
            ("BlockSize", ContainerLayout.BlockSize),
            ("InitialBlockCount", (long)ContainerLayout.InitialBlockCount),
            ("MaxBlockAddress", (long)BlockAddress.MaxValue),
            ("PageSize", ContainerLayout.PageSize),
            ("TreeDepth", CopyOnWriteTree.MaxDepth),
            ("BranchSlots", BranchPage.MaxCount),
            ("ValueSize", LeafPage.MaxValueSize),
            ("SpaceDepth", SpaceIndex.MaxDepth),
            ("GroupBlocks", BitmapPage.BlocksPerGroup),
            ("IndexFanOut", SpaceIndex.FanOut),
            ("LineageEntries", Storage.Superblock.LineageCount),
            ("FileSize", FileWriter.MaxFileSize),
            ("NameLength", DirectoryTable.MaxNameLength),
            ("SymlinkLength", VaultFileSystem.MaxSymlinkLength),
            ("XattrValue", XattrTable.MaxValueLength),
            ("AppendBlocks", LogWriter.MaxAppendBlocks),
            ("SegmentBlocks", LogSegment.MaxBlocks),
        ],
        FormatDocument.Rows(Document, "## Limits").Select(r => (r[0], long.Parse(r[1], CultureInfo.InvariantCulture))));

    /// <summary>Bytes that count upwards from a first one.</summary>
    private static byte[] Run(int first, int count) => [.. Enumerable.Range(first, count).Select(i => (byte)(i % 256))];

    private static UInt128 Long(int first) => BinaryPrimitives.ReadUInt128LittleEndian(Run(first, 16));

    /// <summary>A buffer with something in it: reserved bytes must be written.</summary>
    private static byte[] Filled(int length)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill(0xEE);
        return bytes;
    }

    private static byte[] Number(int value)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
        return bytes;
    }

    private static byte[] Bytes(BlockPointer pointer)
    {
        byte[] bytes = Filled(BlockPointer.SizeBytes);
        pointer.WriteTo(bytes);
        return bytes;
    }

    private static byte[] Bytes(LogStart start)
    {
        byte[] bytes = Filled(LogStart.SizeBytes);
        start.WriteTo(bytes);
        return bytes;
    }

    private static byte[] Bytes(LogSegment run)
    {
        byte[] bytes = Filled(LogSegment.SizeBytes);
        run.WriteTo(bytes);
        return bytes;
    }

    private static byte[] Bytes(LineageEntry entry)
    {
        byte[] bytes = Filled(LineageEntry.SizeBytes);
        entry.WriteTo(bytes);
        return bytes;
    }

    private static byte[] Bytes(TreeKey key)
    {
        byte[] bytes = Filled(TreeKey.SizeBytes);
        key.WriteTo(bytes);
        return bytes;
    }

    private static BlockPointer PointerOf(SealKind kind, int first) =>
        new(new(BinaryPrimitives.ReadUInt32LittleEndian(Run(first, 4))), default, kind, 1, 0, 5, new SealStamp(Long(first), 6, Long(first + 16)));
}
