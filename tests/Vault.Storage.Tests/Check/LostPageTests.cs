using Vault.Crypto;

namespace Vault.Storage.Tests;

// Pages of the tree that cannot be read. Method of all: a vault whose tables fill several leaves each; damage of one; what the check
// says of it, by path; then a repair, after which what was not on the page is as before, and the rest is an error, never wrong data.
public sealed class LostPageTests
{
    private const int Chunk = CheckedVault.ChunkSize;
    private const int Files = 300;

    private readonly byte[] _big = FileSystemExtensions.RandomBytes((600 * Chunk) + 77);
    private readonly CheckedVault _vault;
    private InodeNumber _large;

    public LostPageTests() => _vault = new CheckedVault(fileSystem =>
    {
        InodeNumber many = fileSystem.CreateDirectory("many");
        for (int i = 0; i < Files; i++)
            fileSystem.WriteAll(fileSystem.CreateFile(Name(i), many), 0, Content(i));
        InodeNumber links = fileSystem.CreateDirectory("links");
        for (int i = 0; i < Files; i++)
            Assert.Equal(Errno.None, fileSystem.CreateSymlink(links, Name(i).Utf8(), Content(i).AsSpan(0, 150).ToArray().Select(b => (byte)((b % 26) + 65)).ToArray(), 0, 0, out _));
        InodeNumber attributes = fileSystem.CreateDirectory("attributes");
        for (int i = 0; i < 150; i++)
            Assert.Equal(Errno.None, fileSystem.SetXattr(fileSystem.CreateFile(Name(i), attributes), "user.a"u8, Content(i), XattrMode.Any));
        _large = fileSystem.CreateFile("large", many);
        fileSystem.WriteAll(_large, 0, _big);
    });

    private static string Name(int i) => $"file {i:d3} {new string('x', 60)}";

    private static byte[] Content(int i) => FileSystemExtensions.RandomBytes(300, seed: i);

    // Goal: chunk records that are lost are named as ranges of their file; after the repair these ranges are errors, the others
    // are whole; overwritten, they hold what was written; and nothing is left to be found.
    [Fact]
    public void Lost_chunk_records_are_ranges_of_their_file()
    {
        ContainerUnits.Unit leaf = Leaves(TableId.Chunks)[1];
        LeafPage page = new(leaf.Plaintext);
        long first = (long)page.KeyAt(0).Item;
        long end = (long)page.KeyAt(page.Count - 1).Item + 1;
        ContainerUnits.FlipBit(_vault.Medium, leaf.Pointer);
        string range = $"FileData many/large {first * Chunk}-{(end * Chunk) - 1}";
        Assert.Equal(["TreePage -", range], _vault.Findings());
        Assert.Equal([range], _vault.RepairAndWork());
        _vault.With(fileSystem =>
        {
            byte[] buffer = new byte[_big.Length];
            Assert.Equal(Errno.EIO, fileSystem.Read(_large, 0, buffer, out _));
            Assert.Equal(_big[..(int)(first * Chunk)], fileSystem.ReadAll(_large, 0, (int)(first * Chunk)));
            Assert.Equal(_big[(int)(end * Chunk)..], fileSystem.ReadAll(_large, end * Chunk, _big.Length));
            for (long chunk = first; chunk < end; chunk++)
                Assert.Equal(Errno.EIO, fileSystem.Read(_large, (chunk * Chunk) + 5, buffer.AsSpan(0, 10), out _));
            Assert.Equal(Errno.EIO, fileSystem.Write(_large, (first * Chunk) + 5, "part"u8, true, false));
            fileSystem.WriteAll(_large, (first + 2) * Chunk, _big.AsSpan((int)(first + 2) * Chunk, Chunk));
            Assert.Equal(_big.AsSpan((int)(first + 2) * Chunk, Chunk).ToArray(), fileSystem.ReadAll(_large, (first + 2) * Chunk, Chunk));
            Assert.Equal(Errno.EIO, fileSystem.Read(_large, (first + 1) * Chunk, buffer.AsSpan(0, 1), out _));
            Assert.Equal(Errno.EIO, fileSystem.Read(_large, (first + 3) * Chunk, buffer.AsSpan(0, 1), out _));
        });
        Assert.Equal(
            [$"FileData many/large {first * Chunk}-{((first + 2) * Chunk) - 1}", $"FileData many/large {(first + 3) * Chunk}-{(end * Chunk) - 1}"],
            _vault.Findings());
        _vault.With(fileSystem =>
        {
            fileSystem.WriteAll(_large, 0, _big);
            Assert.Equal(_big, fileSystem.ReadAll(_large, 0, _big.Length));
        });
        _vault.AssertClean();
    }

    // Goal: what a repair noted as lost is not a hole for anybody who reads the vault: not for a salvage, and not by the document alone.
    [Fact]
    public void Noted_ranges_are_known_to_salvage_and_to_the_second_reader()
    {
        ContainerUnits.Unit leaf = Leaves(TableId.Chunks)[1];
        LeafPage page = new(leaf.Plaintext);
        long first = (long)page.KeyAt(0).Item * Chunk;
        long length = (((long)page.KeyAt(page.Count - 1).Item + 1) * Chunk) - first;
        ContainerUnits.FlipBit(_vault.Medium, leaf.Pointer);
        _vault.RepairAndWork();

        MemorySink sink = new();
        List<CheckFinding> findings = [];
        SalvageReport report = VaultSalvage.Run(new MemoryMedium(_vault.Medium.Snapshot()), _vault.Master, sink, findings.Add, null, CancellationToken.None);
        Assert.Equal(1, report.IncompleteFiles);
        Assert.Equal((first, length), findings.Where(f => f.Path == "many/large").Select(f => (f.OffsetBytes, f.LengthBytes)).Single());

        byte[] key = new byte[32];
        _vault.Master.Export(key);
        ContainerReader reader = new(_vault.Medium.Snapshot(), key);
        Assert.Equal([((ulong)first, (ulong)length)], reader.Lost(_large.Value));
        Assert.Empty(reader.Lost(1));
        Assert.Equal(reader.Reached, reader.Used);
    }

    // Goal: a file with lost ranges can be cut through them, extended and deleted.
    [Fact]
    public void A_file_with_lost_ranges_can_be_cut_and_deleted()
    {
        ContainerUnits.Unit leaf = Leaves(TableId.Chunks)[1];
        long first = (long)new LeafPage(leaf.Plaintext).KeyAt(0).Item;
        ContainerUnits.FlipBit(_vault.Medium, leaf.Pointer);
        _vault.RepairAndWork();
        _vault.With(fileSystem =>
        {
            long cut = (first * Chunk) + 100;
            fileSystem.SetSize(_large, cut);
            fileSystem.SetSize(_large, cut + (10 * Chunk));
            byte[] one = new byte[1];
            Assert.Equal(Errno.EIO, fileSystem.Read(_large, cut - 1, one, out _));
            Assert.Equal(new byte[Chunk], fileSystem.ReadAll(_large, (first + 1) * Chunk, Chunk));
            Assert.Equal(_big[..Chunk], fileSystem.ReadAll(_large, 0, Chunk));
            fileSystem.SetSize(_large, (first + 1) * Chunk);
        });
        Assert.Equal([$"FileData many/large {first * Chunk}-{((first + 1) * Chunk) - 1}"], _vault.Findings());
        _vault.With(fileSystem =>
        {
            Assert.Equal(Errno.None, fileSystem.Lookup(InodeNumber.Root, "many"u8, out InodeAttributes many));
            Assert.Equal(Errno.None, fileSystem.Unlink(many.Inode, "large"u8));
        });
        _vault.AssertClean();
    }

    // Goal: of small files, symlinks and attributes that are lost each is named, stays listed, and can be overwritten, removed, replaced.
    [Theory]
    [InlineData(TableId.InlineData)]
    [InlineData(TableId.SymlinkTargets)]
    [InlineData(TableId.Xattrs)]
    public void Lost_values_are_named_and_stay_errors(object tableId)
    {
        TableId table = (TableId)tableId;
        ContainerUnits.Unit leaf = Leaves(table)[1];
        List<ulong> lost = ObjectsOf(leaf, table);
        ContainerUnits.FlipBit(_vault.Medium, leaf.Pointer);
        Dictionary<ulong, string> paths = Paths();
        string[] expected = [.. lost.Select(inode => table == TableId.InlineData ? $"FileData {paths[inode]} 0-299" : $"Inode {paths[inode]}").Order()];
        string[] findings = _vault.Findings();
        Assert.Contains("TreePage -", findings);
        if (table == TableId.Xattrs)
            Assert.Superset(expected.ToHashSet(), findings.ToHashSet()); // neighbours at the page's edges may have lost some
        else
            Assert.Equal(expected, findings.Where(f => f != "TreePage -").Order());
        string[] after = _vault.RepairAndWork();
        Assert.Equal(table == TableId.Xattrs ? [] : expected, after.Order());
        Assert.Equal(paths, Paths());
        _vault.With(fileSystem =>
        {
            foreach (ulong number in lost)
                Use(fileSystem, table, new InodeNumber(number));
            for (int i = 0; table == TableId.InlineData && i < Files; i++)
            {
                InodeNumber inode = Find(fileSystem, "many", Name(i));
                if (!lost.Contains(inode.Value))
                    Assert.Equal(Content(i), fileSystem.ReadAll(inode, 0, 400));
            }
        });
        if (table != TableId.SymlinkTargets)
            _vault.AssertClean();
    }

    private static void Use(VaultFileSystem fileSystem, TableId table, InodeNumber inode)
    {
        byte[] buffer = new byte[5000];
        if (table == TableId.InlineData)
        {
            Assert.Equal(Errno.EIO, fileSystem.Read(inode, 0, buffer, out _));
            Assert.Equal(Errno.EIO, fileSystem.Write(inode, 7, "part"u8, true, false));
            byte[] content = FileSystemExtensions.RandomBytes(inode.Value % 2 == 0 ? 300 : 50_000);
            if (inode.Value % 3 == 0)
                fileSystem.SetSize(inode, 0);
            fileSystem.WriteAll(inode, 0, content);
            Assert.Equal(content, fileSystem.ReadAll(inode, 0, content.Length + 1));
        }
        else if (table == TableId.SymlinkTargets)
        {
            Assert.Equal(Errno.EIO, fileSystem.ReadLink(inode, buffer, out _));
        }
        else
        {
            Assert.Equal(Errno.None, fileSystem.SetXattr(inode, "user.a"u8, "new"u8, XattrMode.Any));
        }
    }

    // Goal: an inode that is lost is named by what leads to it; after the repair it is there again with what is left of it.
    [Fact]
    public void Lost_inodes_are_made_anew()
    {
        ContainerUnits.Unit leaf = Leaves(TableId.Inodes)[1];
        List<ulong> lost = ObjectsOf(leaf, TableId.Inodes);
        Dictionary<ulong, string> paths = Paths();
        ContainerUnits.FlipBit(_vault.Medium, leaf.Pointer);
        Assert.Equal(lost.Select(i => $"Inode {paths[i]}").Append("TreePage -").Order(), _vault.Findings().Order());
        Assert.Empty(_vault.RepairAndWork());
        Assert.Equal(paths, Paths());
        _vault.With(fileSystem =>
        {
            for (int i = 0; i < Files; i++)
            {
                InodeNumber inode = Find(fileSystem, "many", Name(i));
                Assert.Equal(Content(i), fileSystem.ReadAll(inode, 0, 400));
                Assert.Equal(lost.Contains(inode.Value) ? 0x8180u : 0x81A4u, fileSystem.Stat(inode).Mode);
            }
        });
    }

    // Goal: names that are lost are told at their directory; what they named is found in lost+found, with its content.
    [Fact]
    public void What_lost_names_led_to_is_in_lost_and_found()
    {
        ContainerUnits.Unit leaf = Leaves(TableId.DirectoryEntries).Last(l => IsOfOneObject(new LeafPage(l.Plaintext)));
        LeafPage page = new(leaf.Plaintext);
        List<ulong> lost = [];
        for (int i = 0; i < page.Count; i++)
            lost.Add(DirectoryTable.Decode(page.KeyAt(i).Item, page.ValueAt(i)).Inode.Value);
        string directory = Paths()[page.KeyAt(0).Object];
        ContainerUnits.FlipBit(_vault.Medium, leaf.Pointer);
        Assert.Equal(lost.Select(_ => "Inode -").Append("TreePage -").Append($"DirectoryEntries {directory}").Order(), _vault.Findings().Order());
        Assert.Empty(_vault.RepairAndWork());
        Dictionary<ulong, string> paths = Paths();
        Assert.All(lost, inode => Assert.Equal($"lost+found/#{inode}", paths[inode]));
        _vault.With(fileSystem =>
        {
            InodeNumber found = Find(fileSystem, "", "lost+found");
            foreach (ulong inode in lost)
            {
                Assert.Equal(Errno.None, fileSystem.Lookup(found, $"#{inode}".Utf8(), out InodeAttributes attributes));
                Assert.Equal(1u, attributes.LinkCount);
            }
        });
    }

    // Goal: whatever page is lost, the repaired vault is consistent: what stays is lost data and nothing else.
    // Method: each leaf and branch but the root in turn, and pairs of them.
    [Fact]
    public void Whatever_pages_are_lost_the_repaired_vault_is_consistent()
    {
        byte[] whole = _vault.Medium.Snapshot();
        List<BlockPointer> pages = [.. _vault.Units.Select(u => u.Pointer).Where(p => p.Kind is SealKind.Leaf or SealKind.Branch)];
        Random random = new(5);
        for (int i = 0; i < pages.Count; i++)
        {
            _vault.Medium.Restore(whole);
            BlockPointer other = pages[random.Next(1, pages.Count)];
            if (i == 0)
                continue; // the root
            ContainerUnits.FlipBit(_vault.Medium, pages[i]);
            if (i % 2 == 0 && other != pages[i])
                ContainerUnits.FlipBit(_vault.Medium, other);
            _vault.RepairAndWork();
            _vault.Check(out List<CheckFinding> after);
            Assert.All(after, f => Assert.True(f.Kind == CheckFindingKind.FileData || f.Detail == "The symlink has no target.", f.ToString()));
            VaultAudit.CheckPrevious(new MemoryMedium(_vault.Medium.Snapshot()) { IsReadOnly = true }, _vault.Master);
        }
    }

    // Goal: keys that no search finds, since a bound above them is wrong, are told, and a repair puts all of them where they belong.
    // Method: a separator in the root is moved up into the page behind it, so that its first keys fall outside of it.
    [Fact]
    public void Keys_in_a_wrong_page_are_put_in_place()
    {
        Dictionary<ulong, string> paths = Paths();
        _vault.Edit(tree =>
        {
            tree.Put(new TreeKey(TableId.Lineage, 0), default); // the root can be changed from now on
            tree.Remove(new TreeKey(TableId.Lineage, 0));
            TreePage root = PrivateState.Field<TreePage>(tree, "_root");
            Assert.False(root.IsDirty && root.Level == 0);
            for (int slot = 1; slot < root.Branch.Count; slot += 5)
            {
                LeafPage behind = tree.FindLeaf(root.Branch.KeyAt(slot)).Leaf;
                root.Branch.SetKey(slot, behind.KeyAt(behind.Count / 2));
            }
        });
        Assert.Contains("Inconsistency -", _vault.Findings());
        Assert.Empty(_vault.RepairAndWork());
        Assert.Equal(paths, Paths());
        _vault.With(fileSystem =>
        {
            Assert.Equal(_big, fileSystem.ReadAll(_large, 0, _big.Length));
            for (int i = 0; i < Files; i++)
                Assert.Equal(Content(i), fileSystem.ReadAll(Find(fileSystem, "many", Name(i)), 0, 400));
        });
    }

    // Goal: without the page that everything begins with nothing is repaired, and nothing is written.
    [Fact]
    public void A_lost_root_is_refused()
    {
        BlockPointer root = _vault.Units[0].Pointer;
        ContainerUnits.FlipBit(_vault.Medium, root);
        byte[] before = _vault.Medium.Snapshot();
        VaultException e = Assert.Throws<VaultException>(() => _vault.Repair(out _));
        Assert.Equal(VaultFailure.NewerStateLost, e.Failure);
        Assert.Equal(before, _vault.Medium.Snapshot());
    }

    private static InodeNumber Find(VaultFileSystem fileSystem, string directory, string name)
    {
        InodeNumber parent = directory.Length == 0 ? InodeNumber.Root : Find(fileSystem, "", directory);
        Assert.Equal(Errno.None, fileSystem.Lookup(parent, name.Utf8(), out InodeAttributes attributes));
        fileSystem.Forget(attributes.Inode, 1);
        return attributes.Inode;
    }

    private static bool IsOfOneObject(LeafPage page) =>
        page.KeyAt(0).Object == page.KeyAt(page.Count - 1).Object && page.KeyAt(page.Count - 1).Table == TableId.DirectoryEntries;

    private static List<ulong> ObjectsOf(ContainerUnits.Unit leaf, TableId table)
    {
        LeafPage page = new(leaf.Plaintext);
        HashSet<ulong> objects = [];
        for (int i = 0; i < page.Count; i++)
        {
            Assert.Equal(table, page.KeyAt(i).Table);
            objects.Add(page.KeyAt(i).Object);
        }

        return [.. objects];
    }

    private List<ContainerUnits.Unit> Leaves(TableId table) => [.. _vault.Units.Where(u => u.IsLeafOf(table))];

    private Dictionary<ulong, string> Paths()
    {
        Dictionary<ulong, string> paths = [];
        using VaultFileSystem fileSystem = TestVault.Open(new MemoryMedium(_vault.Medium.Snapshot()), _vault.Master, readOnly: true);
        foreach ((string name, InodeAttributes attributes) in Entries(fileSystem, InodeNumber.Root))
        {
            paths[attributes.Inode.Value] = name;
            if (!attributes.IsDirectory)
                continue;
            foreach ((string child, InodeAttributes childAttributes) in Entries(fileSystem, attributes.Inode))
                paths[childAttributes.Inode.Value] = $"{name}/{child}";
        }

        return paths;
    }

    private static IEnumerable<(string Name, InodeAttributes Attributes)> Entries(VaultFileSystem fileSystem, InodeNumber directory) =>
        FileSystemDump.List(fileSystem, directory).Where(e => e.Name is not ("." or ".."));
}
