using System.Text;
using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class SalvageTests : IDisposable
{
    private const int ChunkSize = 8192;

    private readonly MemoryMedium _medium;
    private readonly MasterKey _master;
    private readonly SortedDictionary<ulong, SortedDictionary<string, Known>> _states = [];

    /// <summary>Makes a vault with a tree of two levels, in which the newest states differ in a few files each.</summary>
    public SalvageTests()
    {
        _medium = TestVault.Create(out _master, ChunkSize);
        using VaultFileSystem fileSystem = TestVault.Open(_medium, _master);
        Fill(fileSystem);
        fileSystem.CommitAll();
        Remember(fileSystem);
        for (int i = 0; i < 3; i++)
        {
            Change(fileSystem, i);
            fileSystem.CommitAll();
            Remember(fileSystem);
        }
    }

    private sealed record Known(InodeAttributes Attributes, byte[] Content, string Xattrs);

    private SortedDictionary<string, Known> Newest => _states.Values.Last();

    public void Dispose() => _master.Dispose();

    // Goal: a vault without damage comes out whole, with nothing to complain of. Method: compare with the mounted file system.
    [Fact]
    public void A_whole_vault_comes_out_whole()
    {
        MemorySink sink = Salvage(_medium, out List<CheckFinding> findings, out SalvageReport report);
        Assert.Empty(findings);
        Assert.Equal(Newest.Keys, sink.Nodes.Keys);
        Assert.All(Newest, known => AssertExact(known.Value, sink.Nodes[known.Key]));
        Assert.Equal(1, report.StatesUsed);
        Assert.Equal(0, report.IncompleteFiles);
        Assert.Equal(_states.Keys.Last(), report.NewestGeneration);
        Assert.Equal(sink.Nodes.Values.Distinct().Count(n => n.Mode == ModeBits.Directory), report.Directories);
        Assert.Equal(sink.Nodes.Values.Distinct().Count() - report.Directories, report.Files);
    }

    // Goal: whatever single unit is lost, all that does not hang on it comes out exactly, no byte is wrong, and what is
    // missing or older is told. Method: each unit that the newest state reaches, in all its copies.
    [Fact]
    public void Any_lost_unit_costs_only_what_hangs_on_it()
    {
        List<ContainerUnits.Unit> units = ContainerUnits.Of(_medium.Snapshot(), _master);
        Assert.True(units.Count(u => u.Pointer.Kind == SealKind.Leaf) > 5 && units.Count(u => u.Pointer.Kind == SealKind.Chunk) > 20);
        foreach (ContainerUnits.Unit unit in units)
        {
            ContainerUnits.FlipBit(_medium, unit.Pointer);
            MemorySink sink = Salvage(_medium, out List<CheckFinding> findings, out SalvageReport report);
            CheckAgainst(sink, findings, _states[report.NewestGeneration]);
            bool isOfTree = unit.Pointer.Kind is SealKind.Leaf or SealKind.Branch or SealKind.Chunk;
            Assert.Equal(isOfTree, findings.Count > 0);
            if (unit.Pointer.Kind == SealKind.Chunk)
                Assert.All(findings, f => Assert.Equal(CheckFindingKind.FileData, f.Kind));
            ContainerUnits.FlipBit(_medium, unit.Pointer);
        }
    }

    // Goal: a file damaged in the newest state comes out with its intact ranges, and whole as of the newest state that has it
    // so beside that. Method: lose the second chunk of a file that the last change wrote to.
    [Fact]
    public void An_older_whole_version_is_put_beside_a_damaged_file()
    {
        byte[] before = _medium.Snapshot();
        ulong older = _states.Keys.Last();
        using (VaultFileSystem fileSystem = TestVault.Open(_medium, _master))
        {
            Assert.Equal(Errno.None, fileSystem.Lookup(InodeNumber.Root, "large"u8, out InodeAttributes file));
            fileSystem.WriteAll(file.Inode, ChunkSize, FileSystemExtensions.RandomBytes(ChunkSize, 77));
            fileSystem.CommitAll();
            Remember(fileSystem);
        }

        BlockPointer chunk = ContainerUnits.Of(_medium.Snapshot(), _master).Select(u => u.Pointer)
            .Single(p => p.Kind == SealKind.Chunk && !ContainerUnits.Of(before, _master).Any(u => u.Pointer.Address == p.Address));
        ContainerUnits.FlipBit(_medium, chunk);
        MemorySink sink = Salvage(_medium, out List<CheckFinding> findings, out SalvageReport report);
        CheckFinding finding = Assert.Single(findings);
        Assert.Equal((CheckFindingKind.FileData, "large", (long)ChunkSize, (long)ChunkSize), (finding.Kind, finding.Path, finding.OffsetBytes, finding.LengthBytes));
        Assert.Contains($".generation-{older}", finding.Detail, StringComparison.Ordinal);
        AssertExact(_states[older]["large"], sink.Nodes[$"large.generation-{older}"]);
        byte[] expected = (byte[])Newest["large"].Content.Clone();
        expected.AsSpan(ChunkSize, ChunkSize).Clear();
        Assert.Equal(expected, sink.Nodes["large"].Content);
        Assert.Equal((1, 2), (report.IncompleteFiles, report.StatesUsed));
    }

    // Goal: with the newest superblocks lost, the state under the newest that is left comes out.
    // Method: lose one after the other; without any it is a typed failure.
    [Fact]
    public void Lost_superblocks_bring_out_older_states()
    {
        ulong newest = _states.Keys.Last();
        for (ulong lost = 1; lost <= ContainerLayout.SuperblockSlotCount; lost++)
        {
            ContainerUnits.FlipBit(_medium, new BlockAddress(ContainerLayout.SuperblockRingBlock + ((newest - lost + 1) % ContainerLayout.SuperblockSlotCount)));
            if (lost == ContainerLayout.SuperblockSlotCount)
            {
                Assert.Equal(VaultFailure.Corrupted, Assert.Throws<VaultException>(() => Salvage(_medium, out _, out _)).Failure);
                continue;
            }

            if (!_states.TryGetValue(newest - lost, out SortedDictionary<string, Known>? left))
                continue; // empty states that creation wrote
            MemorySink sink = Salvage(_medium, out List<CheckFinding> findings, out SalvageReport report);
            Assert.Equal(newest - lost, report.NewestGeneration);
            Assert.Equal((int)lost, findings.Count(f => f.Kind == CheckFindingKind.SuperblockSlot));
            CheckAgainst(sink, findings, left);
            if (lost == 1)
                Assert.Equal(left.Keys, sink.Nodes.Keys); // the newest two are whole
        }
    }

    // Goal: pages that the newest state lost and the one before still has are read from there: nothing is missing but the
    // last change. Method: lose the newest root in both copies, and each page that only the newest has.
    [Fact]
    public void Pages_lost_in_the_newest_state_are_taken_from_the_one_before()
    {
        byte[] image = _medium.Snapshot();
        List<BlockPointer> pages = [.. ContainerUnits.Of(image, _master).Select(u => u.Pointer).Where(p => p.Kind is SealKind.Leaf or SealKind.Branch && p.Birth == _states.Keys.Last())];
        Assert.True(pages.Count >= 3);
        foreach (BlockPointer page in pages)
        {
            ContainerUnits.FlipBit(_medium, page);
            MemorySink sink = Salvage(_medium, out List<CheckFinding> findings, out SalvageReport report);
            CheckAgainst(sink, findings, _states[report.NewestGeneration]);
            Assert.Equal(page == pages[0] ? 1UL : 0, _states.Keys.Last() - report.NewestGeneration);
            Assert.All(_states.Values.ElementAt(_states.Count - 2).Keys.Intersect(Newest.Keys), path => Assert.Contains(path, sink.Nodes.Keys));
            ContainerUnits.FlipBit(_medium, page);
        }
    }

    // Goal: a vault cut off at any length, or overwritten anywhere, gives right bytes or a typed failure.
    // Method: many lengths; seeded garbage and zeros over ranges of any size.
    [Fact]
    public void Cut_off_or_overwritten_vaults_give_right_bytes_or_a_typed_failure()
    {
        byte[] image = _medium.Snapshot();
        int salvaged = 0;
        for (int length = image.Length - 1; length > 0; length -= 1 + (image.Length / 60))
            salvaged += CheckDamaged(image[..length], $"cut to {length}");
        Random random = new(5);
        for (int i = 0; i < 120; i++)
        {
            byte[] damaged = (byte[])image.Clone();
            int start = random.Next(image.Length);
            Span<byte> range = damaged.AsSpan(start, Math.Min(1 << random.Next(1, 20), image.Length - start));
            if (i % 3 == 0)
                range.Clear();
            else
                random.NextBytes(range);
            salvaged += CheckDamaged(damaged, $"garbage {i}");
        }

        Assert.True(salvaged > 120, $"{salvaged} of 180 could be salvaged.");
    }

    // Goal: names that would lead out of the target, or that no file has, reach no sink; a directory within itself ends.
    // Method: entries of that kind put into the tree, past the checks of the file system.
    [Fact]
    public void Names_cannot_lead_out_of_the_target_and_circles_end()
    {
        string[] names = ["..", ".", "a/b", "/etc", "nul\0", "", "../../x"];
        using (VaultFileSystem fileSystem = TestVault.Open(_medium, _master))
        {
            Volume volume = PrivateState.Field<Volume>(fileSystem, "_volume");
            using (TreeChange change = volume.BeginOperation())
            {
                ulong item = 1000;
                foreach (string name in names)
                    PutEntry(volume, item++, name, Newest["d0/inner"].Attributes.Inode.Value, ModeBits.RegularFile);
                PutEntry(volume, item, "circle", InodeNumber.Root.Value, ModeBits.Directory, directory: Newest["d0"].Attributes.Inode.Value);
                change.Complete();
            }

            fileSystem.CommitAll();
        }

        MemorySink sink = Salvage(_medium, out List<CheckFinding> findings, out _);
        Assert.Equal(names.Length, findings.Count(f => f.Kind == CheckFindingKind.DirectoryEntries));
        Assert.Equal("d0/circle", Assert.Single(findings, f => f.Kind == CheckFindingKind.Inconsistency).Path);
        Assert.Equal(Newest.Keys, sink.Nodes.Keys);
    }

    // Goal: files without a name come out under lost+found, directories with all that is in them; deleted ones do not.
    // Method: take the entries of a directory and of a file out of the tree; leave a deleted file behind. The root has
    // a lost+found of its own.
    [Fact]
    public void What_has_no_name_comes_out_under_lost_and_found()
    {
        using (VaultFileSystem fileSystem = TestVault.Open(_medium, _master))
        {
            fileSystem.CreateFile("lost+found");
            InodeNumber deleted = fileSystem.CreateFile("deleted while open");
            fileSystem.WriteAll(deleted, 0, new byte[100]);
            Assert.Equal(Errno.None, fileSystem.Unlink(InodeNumber.Root, "deleted while open"u8));
            Volume volume = PrivateState.Field<Volume>(fileSystem, "_volume");
            DirectoryTable table = new(volume.Tree, volume.Cipher);
            using (TreeChange change = volume.BeginOperation())
            {
                foreach (string name in (string[])["d0", "large"])
                {
                    Assert.True(table.TryFind(InodeNumber.Root, table.Hash(name.Utf8()), out DirectoryEntry entry));
                    table.Remove(InodeNumber.Root, entry.Item);
                }

                change.Complete();
            }

            fileSystem.CommitAll();
        }

        MemorySink sink = Salvage(_medium, out List<CheckFinding> findings, out _);
        Assert.Equal(2, findings.Count);
        foreach ((string path, Known known) in Newest)
        {
            string top = path.Split('/')[0];
            string expected = top is "d0" or "large" ? $"lost+found.1/#{Newest[top].Attributes.Inode.Value}{path[top.Length..]}" : path;
            AssertExact(known, sink.Nodes[expected]);
        }

        Assert.Equal(Newest.Count + 2, sink.Nodes.Count);
    }

    private static void PutEntry(Volume volume, ulong item, string name, ulong inode, uint type, ulong directory = 1)
    {
        DirectoryTable table = new(volume.Tree, volume.Cipher);
        table.Put(new InodeNumber(directory), item, table.Hash(name.Utf8()), new InodeNumber(inode), type);
    }

    private static void Fill(VaultFileSystem fileSystem)
    {
        fileSystem.WriteAll(fileSystem.CreateFile("large"), 0, FileSystemExtensions.RandomBytes((6 * ChunkSize) + 100, 1));
        InodeNumber sparse = fileSystem.CreateFile("sparse");
        fileSystem.WriteAll(sparse, 40 * ChunkSize, FileSystemExtensions.RandomBytes(5000, 2));
        fileSystem.WriteAll(sparse, 3, FileSystemExtensions.RandomBytes(5000, 3));
        for (int d = 0; d < 3; d++)
        {
            InodeNumber directory = fileSystem.CreateDirectory($"d{d}");
            InodeNumber sub = fileSystem.CreateDirectory("sub", directory);
            fileSystem.WriteAll(fileSystem.CreateFile("inner", directory), 0, FileSystemExtensions.RandomBytes(2 * ChunkSize, 10 + d));
            for (int i = 0; i < 60; i++)
                fileSystem.WriteAll(fileSystem.CreateFile($"small {i}", d == 1 ? sub : directory), 0, FileSystemExtensions.RandomBytes(100 + (17 * i), (100 * d) + i));
        }

        Assert.Equal(Errno.None, fileSystem.Lookup(InodeNumber.Root, "large"u8, out InodeAttributes large));
        Assert.Equal(Errno.None, fileSystem.Lookup(InodeNumber.Root, "d1"u8, out InodeAttributes d1));
        Assert.Equal(Errno.None, fileSystem.CreateSymlink(InodeNumber.Root, "symlink"u8, "../target \u00e4"u8, 0, 0, out InodeAttributes symlink));
        InodeNumber linked = fileSystem.CreateFile("linked");
        fileSystem.WriteAll(linked, 0, FileSystemExtensions.RandomBytes(9000, 5));
        Assert.Equal(Errno.None, fileSystem.Link(linked, d1.Inode, "other name"u8, out _));
        Assert.Equal(Errno.None, fileSystem.CreateNode(InodeNumber.Root, "fifo"u8, ModeBits.Fifo | 0x180, 0, 3, 4, out _));
        foreach (InodeNumber inode in (InodeNumber[])[large.Inode, d1.Inode, symlink.Inode])
        {
            Assert.Equal(Errno.None, fileSystem.SetXattr(inode, "user.big"u8, FileSystemExtensions.RandomBytes(9001, 6), XattrMode.Any));
            Assert.Equal(Errno.None, fileSystem.SetXattr(inode, "user.empty"u8, default, XattrMode.Any));
        }
    }

    private static void Change(VaultFileSystem fileSystem, int i)
    {
        Assert.Equal(Errno.None, fileSystem.Lookup(InodeNumber.Root, "d2"u8, out InodeAttributes d2));
        Assert.Equal(Errno.None, fileSystem.Lookup(d2.Inode, "inner"u8, out InodeAttributes inner));
        fileSystem.WriteAll(inner.Inode, i * 100, FileSystemExtensions.RandomBytes(ChunkSize, 50 + i));
        fileSystem.WriteAll(fileSystem.CreateFile($"new {i}"), 0, FileSystemExtensions.RandomBytes(ChunkSize + 1, 60 + i));
        Assert.Equal(Errno.None, fileSystem.Rename(d2.Inode, Encoding.UTF8.GetBytes($"small {i}"), InodeNumber.Root, Encoding.UTF8.GetBytes($"moved {i}"), RenameMode.Replace));
        Assert.Equal(Errno.None, fileSystem.Unlink(d2.Inode, Encoding.UTF8.GetBytes($"small {i + 20}")));
    }

    private static string XattrsOf(VaultFileSystem fileSystem, InodeNumber inode)
    {
        byte[] names = new byte[65536];
        Assert.Equal(Errno.None, fileSystem.ListXattr(inode, names, out int length));
        SortedDictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (string name in Encoding.UTF8.GetString(names, 0, length).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            byte[] value = new byte[65536];
            Assert.Equal(Errno.None, fileSystem.GetXattr(inode, name.Utf8(), value, out int size));
            values.Add(name, Convert.ToHexString(value.AsSpan(0, size)));
        }

        return string.Join(' ', values);
    }

    private void Remember(VaultFileSystem fileSystem)
    {
        SortedDictionary<string, Known> state = new(StringComparer.Ordinal);
        void Walk(InodeNumber directory, string prefix)
        {
            foreach ((string name, InodeAttributes attributes) in FileSystemDump.List(fileSystem, directory).Where(e => e.Name is not ("." or "..")))
            {
                bool hasContent = attributes.IsRegularFile || (attributes.Mode & ModeBits.TypeMask) == ModeBits.SymbolicLink;
                state.Add(prefix + name, new Known(attributes, hasContent ? FileSystemDump.Content(fileSystem, attributes) : [], XattrsOf(fileSystem, attributes.Inode)));
                if (attributes.IsDirectory)
                    Walk(attributes.Inode, $"{prefix}{name}/");
            }
        }

        Walk(InodeNumber.Root, "");
        _states.Add(fileSystem.DurableGeneration, state);
    }

    private MemorySink Salvage(MemoryMedium medium, out List<CheckFinding> findings, out SalvageReport report)
    {
        bool wasReadOnly = medium.IsReadOnly;
        medium.IsReadOnly = true; // it fails the test at a write
        MemorySink sink = new();
        List<CheckFinding> found = [];
        findings = found;
        report = VaultSalvage.Run(medium, _master, sink, found.Add, progress: null, TestContext.Current.CancellationToken);
        medium.IsReadOnly = wasReadOnly;
        Assert.Equal(found.GroupBy(f => f.Kind).ToDictionary(g => g.Key, g => g.LongCount()), report.Findings);
        return sink;
    }

    private int CheckDamaged(byte[] image, string what)
    {
        try
        {
            MemorySink sink = Salvage(new MemoryMedium(image), out List<CheckFinding> findings, out SalvageReport report);
            if (_states.TryGetValue(report.NewestGeneration, out SortedDictionary<string, Known>? newest))
                CheckAgainst(sink, findings, newest);
            return 1;
        }
        catch (VaultException)
        {
            return 0;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"The image does not hold: {what}.", e);
        }
    }

    // What came out has only right bytes; what no finding names is exactly as it was; every inode came out or is named.
    private void CheckAgainst(MemorySink sink, List<CheckFinding> findings, SortedDictionary<string, Known> newest)
    {
        ILookup<string?, CheckFinding> byPath = findings.ToLookup(f => f.Path);
        HashSet<string> older = [.. findings.Where(f => f.Kind == CheckFindingKind.DirectoryEntries).Select(f => f.Path!)];
        foreach ((string path, MemorySink.Node node) in sink.Nodes)
        {
            if (node.Mode == ModeBits.RegularFile || node.Mode == ModeBits.SymbolicLink)
                AssertRightBytes(path, node, sink.Nodes.Where(n => n.Value == node).SelectMany(n => byPath[n.Key]));
        }

        HashSet<ulong> named = [.. findings.Select(f => f.Inode)];
        HashSet<ulong> came = [.. sink.Nodes.Values.Select(n => n.Attributes.Inode.Value), InodeNumber.Root.Value];
        foreach ((string path, Known known) in newest)
        {
            string parent = path.Contains('/') ? path[..path.LastIndexOf('/')] : "";
            ulong directory = parent.Length == 0 ? InodeNumber.Root.Value : newest[parent].Attributes.Inode.Value;
            bool isTold = named.Contains(known.Attributes.Inode.Value) || named.Contains(directory) || !came.Contains(directory);
            Assert.True(isTold || came.Contains(known.Attributes.Inode.Value), $"{path} is missing, and nothing says so.");
            if (sink.Nodes.TryGetValue(path, out MemorySink.Node? node) && !byPath.Contains(path) && !older.Contains(parent) && !named.Contains(known.Attributes.Inode.Value))
                Assert.True(known.Attributes.Equals(node.Attributes) && known.Content.AsSpan().SequenceEqual(node.Content) && known.Xattrs == string.Join(' ', node.Xattrs), $"{path} is not as it was, and nothing says so: {string.Join('\n', findings)}");
        }
    }

    private void AssertRightBytes(string path, MemorySink.Node node, IEnumerable<CheckFinding> findings)
    {
        byte[] content = node.Content;
        List<(long Offset, long Length)> missing = [.. findings.Where(f => f.Kind == CheckFindingKind.FileData).Select(f => (f.OffsetBytes, f.LengthBytes))];
        bool hasRecord = node.Attributes.Inode.Value != 0;
        IEnumerable<byte[]> versions = _states.Values.SelectMany(s => s.Values)
            .Where(k => k.Attributes.Inode == node.Attributes.Inode || (!hasRecord && (k.Attributes.Mode & ModeBits.TypeMask) == node.Mode)).Select(k => k.Content);
        Assert.True(versions.Any(v => IsVersion(v)), $"{path} has wrong bytes.");

        bool IsVersion(byte[] version)
        {
            if (hasRecord && version.Length != content.Length)
                return false;
            byte[] expected = new byte[content.Length];
            version.AsSpan(0, Math.Min(version.Length, content.Length)).CopyTo(expected);
            foreach ((long offset, long length) in missing)
                expected.AsSpan((int)offset, (int)length).Clear();
            return expected.AsSpan().SequenceEqual(content);
        }
    }

    private static void AssertExact(Known known, MemorySink.Node node)
    {
        Assert.Equal(known.Attributes, node.Attributes);
        Assert.True(known.Content.AsSpan().SequenceEqual(node.Content));
        Assert.Equal(known.Xattrs, string.Join(' ', node.Xattrs));
    }
}
