using Vault.Crypto;
using Vault.Storage.Tests.Simulation;

namespace Vault.Storage.Tests.Fuzzing;

/// <summary>
/// A small vault with one of everything, and copies of it in which something was replaced and sealed with the right key, so that it
/// authenticates up to the root: what a bug of ours could have written. The same bytes in each run.
/// </summary>
internal sealed class ForgedVault : IDisposable
{
    private const int Seed = 11;

    private readonly byte[] _image;
    private readonly VaultHeader _header;
    private readonly byte[] _logged;

    public ForgedVault()
    {
        SeededRandomSource random = new(Seed);
        MemoryMedium medium = new();
        Master = MasterKey.Generate(random);
        using Credential credential = Credential.FromPassphrase("test"u8);
        VaultContainer.CreateWithKey(medium, new HeaderOptions(4096, CipherSuite.Aes256Gcm, TestVault.CheapCost), Master, credential, 0, 0, random, new SimulatedClock());
        for (int session = 0; session < 2; session++)
        {
            using VaultFileSystem fileSystem = VaultContainer.Open(medium, Master, Options(random), out _);
            Build(fileSystem, session);
            fileSystem.CommitAll();
        }

        _image = medium.Snapshot();
        _header = HeaderCopies.Verify(medium, Master);
        _logged = LogSyncs(random);
    }

    public MasterKey Master { get; }

    public List<ContainerUnits.Unit> Units => ContainerUnits.Of(_image, Master);

    /// <summary>Plaintext of the newest superblock.</summary>
    public byte[] Superblock
    {
        get
        {
            byte[] plaintext = new byte[VaultCipher.SuperblockPlaintextSize];
            using VaultCipher cipher = NewCipher();
            new SuperblockRing(new OverlayMedium(_image), cipher).Read().Newest!.WriteTo(plaintext);
            return plaintext;
        }
    }

    /// <summary>Header and records of each append of a log.</summary>
    public List<byte[]> Appends
    {
        get
        {
            using VaultCipher cipher = NewCipher();
            return [.. ScanLog(cipher).Appends.Select(append => PlaintextOf(cipher, append))];
        }
    }

    /// <summary>The same, as stored.</summary>
    public List<byte[]> StoredAppends
    {
        get
        {
            using VaultCipher cipher = NewCipher();
            return [.. ScanLog(cipher).Appends.Select(a => _logged.AsSpan((int)a.Place.OffsetBytes, a.Frame.BlockCount * ContainerLayout.BlockSize).ToArray())];
        }
    }

    /// <summary>A copy whose log is one append, sealed where the log begins.</summary>
    public OverlayMedium WithAppend(byte[] plaintext)
    {
        OverlayMedium medium = new(_logged);
        using VaultCipher cipher = NewCipher();
        using SealingSession session = new(cipher, new SeededRandomSource(Seed + 1));
        LogStart start = new SuperblockRing(new OverlayMedium(_logged), cipher).Read().Newest!.Log;
        BlockAddress place = new(start.Segment.Address.Value + (ulong)start.NextBlock);
        int most = Math.Min(LogWriter.MaxAppendBlocks, start.Segment.BlockCount - start.NextBlock);
        int blocks = Math.Clamp(ContainerLayout.BlocksFor(LogFrame.SizeBytes + Math.Max(plaintext.Length, LogHeader.SizeBytes)), 1, most);
        byte[] padded = new byte[(blocks * ContainerLayout.BlockSize) - LogFrame.SizeBytes];
        plaintext.AsSpan(0, Math.Min(plaintext.Length, padded.Length)).CopyTo(padded);
        byte[] append = new byte[blocks * ContainerLayout.BlockSize];
        Span<byte> context = stackalloc byte[LogFrame.ContextSize];
        LogFrame.WriteContext(context, start.Last.Tag, place, blocks);
        new LogFrame(session.Seal(SealKind.Log, padded, append.AsSpan(LogFrame.SizeBytes), context), start.Last.Tag, blocks).WriteTo(append);
        medium.Damage(place.OffsetBytes, append);
        return medium;
    }

    /// <summary>A copy with other bytes where the log begins.</summary>
    public OverlayMedium WithStoredAppend(byte[] stored)
    {
        OverlayMedium medium = new(_logged);
        using VaultCipher cipher = NewCipher();
        LogStart start = new SuperblockRing(new OverlayMedium(_logged), cipher).Read().Newest!.Log;
        int most = (start.Segment.BlockCount - start.NextBlock) * ContainerLayout.BlockSize;
        medium.Damage(new BlockAddress(start.Segment.Address.Value + (ulong)start.NextBlock).OffsetBytes, stored.AsSpan(0, Math.Min(stored.Length, most)).ToArray());
        return medium;
    }

    public static VaultOpenOptions Options(RandomSource random) => TestVault.Quiet with
    {
        Random = random,
        Clock = new SimulatedClock(),
        PageCacheBytes = 1 << 20,
        BackgroundThreads = false,
    };

    /// <summary>All values of a table, by key.</summary>
    public List<(TreeKey Key, byte[] Value)> ValuesOf(TableId table)
    {
        List<(TreeKey, byte[])> values = [];
        foreach (ContainerUnits.Unit unit in Units.Where(u => u.Pointer.Kind == SealKind.Leaf))
        {
            LeafPage leaf = new(unit.Plaintext);
            for (int i = 0; i < leaf.Count; i++)
            {
                if (leaf.KeyAt(i).Table == table)
                    values.Add((leaf.KeyAt(i), leaf.ValueAt(i).ToArray()));
            }
        }

        return values;
    }

    /// <summary>A copy with another value under a key.</summary>
    public OverlayMedium WithValue(in TreeKey key, byte[] value)
    {
        OverlayMedium medium = new(_image);
        using VaultFileSystem fileSystem = VaultContainer.Open(medium, Master, Options(new SeededRandomSource(Seed + 1)), out _);
        Volume volume = PrivateState.Field<Volume>(fileSystem, "_volume");
        using (TreeChange change = volume.BeginOperation())
        {
            volume.Tree.Put(key, value);
            change.Complete();
        }

        fileSystem.CommitAll();
        return medium;
    }

    /// <summary>A copy with another plaintext in a unit, all that points to it sealed anew.</summary>
    public OverlayMedium WithUnit(BlockPointer target, byte[] plaintext)
    {
        OverlayMedium medium = new(_image);
        using VaultCipher cipher = NewCipher();
        using SealingSession session = new(cipher, new SeededRandomSource(Seed + 1));
        SealedUnits units = new(medium, cipher, session);
        SuperblockRing ring = new(medium, cipher);
        Superblock newest = ring.Read().Newest!;
        ring.Write(
            newest with
            {
                TreeRoot = ReplaceInTree(units, newest.TreeRoot, target, plaintext),
                Space = newest.Space with { Index = ReplaceInIndex(units, newest.Space.Index, newest.Space.Depth, target, plaintext) },
            },
            new SeededRandomSource(Seed + 2));
        return medium;
    }

    /// <summary>A copy with another superblock, in the slot where its generation belongs.</summary>
    public OverlayMedium WithSuperblock(byte[] plaintext)
    {
        OverlayMedium medium = new(_image);
        using VaultCipher cipher = NewCipher();
        int slot = SuperblockRing.SlotOf(System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(plaintext.AsSpan(8)));
        byte[] block = new byte[ContainerLayout.BlockSize];
        cipher.SealSuperblock(slot, plaintext, block, new SeededRandomSource(Seed + 1));
        medium.Damage(new BlockAddress(ContainerLayout.SuperblockRingBlock + (ulong)slot).OffsetBytes, block);
        return medium;
    }

    public void Dispose() => Master.Dispose();

    private static void Build(VaultFileSystem fileSystem, int session)
    {
        InodeNumber directory = fileSystem.CreateDirectory($"directory {session}");
        fileSystem.WriteAll(fileSystem.CreateFile("inline", directory), 0, FileSystemExtensions.RandomBytes(LeafPage.MaxValueSize));
        InodeNumber chunks = fileSystem.CreateFile($"chunks {session}");
        fileSystem.WriteAll(chunks, 0, FileSystemExtensions.RandomBytes(9000));
        fileSystem.SetSize(chunks, 50_000);
        InodeNumber clone = fileSystem.CreateFile("clone", directory);
        Assert.Equal(Errno.None, fileSystem.CopyRange(chunks, 0, clone, 0, 50_000, isWithinSource: false, clearSetIds: false, out _));
        Assert.Equal(Errno.None, fileSystem.Link(chunks, directory, "hard link"u8, out _));
        Assert.Equal(Errno.None, fileSystem.CreateSymlink(directory, "symlink"u8, "directory/inside"u8, 7, 8, out _));
        Assert.Equal(Errno.None, fileSystem.SetXattr(directory, "user.long"u8, FileSystemExtensions.RandomBytes(9000), XattrMode.Any));
        Assert.Equal(Errno.None, fileSystem.SetXattr(chunks, "user.short"u8, "value"u8, XattrMode.Any));
        Assert.Equal(Errno.None, fileSystem.SetXattr(directory, AccessControlList.DefaultName, ModelAcl.List(1), XattrMode.Any));
        Assert.Equal(Errno.None, fileSystem.SetXattr(chunks, AccessControlList.AccessName, ModelAcl.List(2), XattrMode.Any));
        Assert.Equal(Errno.None, fileSystem.SetFlags(fileSystem.CreateFile("kept", directory), AttributeFlags.Immutable));
        fileSystem.WriteAll(fileSystem.CreateFile($"orphan {session}"), 0, FileSystemExtensions.RandomBytes(9000));
        Assert.Equal(Errno.None, fileSystem.Unlink(InodeNumber.Root, $"orphan {session}".Utf8()));
        fileSystem.CreateDirectory("empty", directory);
    }

    // The vault after some syncs, as a crash leaves it.
    private byte[] LogSyncs(RandomSource random)
    {
        MemoryMedium medium = new((byte[])_image.Clone());
        using VaultFileSystem fileSystem = VaultContainer.Open(medium, Master, Options(random), out _);
        fileSystem.CommitAll();
        LogWorkload workload = new(fileSystem);
        for (int i = 0; i < 14; i++)
        {
            workload.Step();
            fileSystem.SyncAll();
        }

        return medium.Snapshot();
    }

    private LogScan ScanLog(VaultCipher cipher) => LogScan.Of(new OverlayMedium(_logged), cipher, new SuperblockRing(new OverlayMedium(_logged), cipher).Read().Newest!);

    private byte[] PlaintextOf(VaultCipher cipher, LogAppend append)
    {
        byte[] buffer = new byte[LogWriter.MaxAppendBytes];
        int length = ScanLog(cipher).Read(append, buffer, out _).Length;
        return buffer[..(LogHeader.SizeBytes + length)];
    }

    private VaultCipher NewCipher() => new(Master, _header.Id, _header.Suite);

    private static BlockPointer ReplaceInTree(SealedUnits units, BlockPointer pointer, BlockPointer target, byte[] plaintext)
    {
        if (pointer.Address == target.Address)
            return units.Write(pointer, plaintext);
        if (pointer.Kind != SealKind.Branch)
            return pointer;
        byte[] page = new byte[ContainerLayout.PageSize];
        units.Read(pointer, page);
        for (int i = 0; i < new BranchPage(page).Count; i++)
            new BranchPage(page).SetPointer(i, ReplaceInTree(units, new BranchPage(page).PointerAt(i), target, plaintext));
        return units.Write(pointer, page);
    }

    private static BlockPointer ReplaceInIndex(SealedUnits units, BlockPointer pointer, int depth, BlockPointer target, byte[] plaintext)
    {
        if (pointer.IsNone)
            return pointer;
        if (pointer.Address == target.Address)
            return units.Write(pointer, plaintext);
        if (depth == 0)
            return pointer;
        byte[] page = new byte[ContainerLayout.BlockSize];
        units.Read(pointer, page);
        for (int at = 0; at < page.Length; at += BlockPointer.SizeBytes)
            ReplaceInIndex(units, BlockPointer.Read(page.AsSpan(at)), depth - 1, target, plaintext).WriteTo(page.AsSpan(at));
        return units.Write(pointer, page);
    }
}
