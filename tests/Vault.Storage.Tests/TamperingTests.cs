using Vault.Crypto;

namespace Vault.Storage.Tests;

/// <summary>
/// Somebody without the key changes the container's bytes. Fault model: any bytes, old ones of the same vault too; not
/// the whole container taken back to an older state, which only an anchor outside of it can tell.
/// </summary>
public sealed class TamperingTests
{
    private const int StateCount = 6;

    // Goal: what is read is right or an error; opening refuses with a reason; nothing else ever comes out, and work that
    // goes on after the damage meets errors only.
    // Method: seeded damage to what a small vault's newest states use: bits, zeros, noise, blocks swapped, blocks and
    // superblocks of older images put back, the end cut off. Each damaged image is opened, read completely and compared
    // with the state of the generation that opened; every second one is opened for writing and worked on.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Tampering_gives_right_data_or_an_error(int seed)
    {
        Random random = new(seed);
        MemoryMedium medium = TestVault.Create(out MasterKey master, chunkSize: 8192);
        List<byte[]> images = [];
        Dictionary<ulong, SortedDictionary<string, byte[]>> states = [];
        BuildStates(medium, master, seed, images, states);
        byte[] newest = images[^1];
        List<ulong> targets = Targets(newest, master);
        int opened = 0;
        int refused = 0;
        int errors = 0;
        for (int i = 0; i < 300; i++)
        {
            byte[] image = (byte[])newest.Clone();
            string what = Tamper(random, ref image, images, targets);
            try
            {
                CheckImage(image, master, states, readOnly: i % 2 == 0, ref opened, ref refused, ref errors);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new InvalidOperationException($"Seed {seed}, image {i}: {what}.", e);
            }
        }

        Assert.True(opened > 150 && refused > 5 && errors > 150, $"{opened} opened, {refused} refused, {errors} errors: the damage hits too little to show anything.");
    }

    // Goal: every single bit counts: damage to any one unit that the newest state uses is noticed when it is read.
    // Method: flip a bit in every copy of each unit in turn; reading everything then meets at least one error, or the
    // vault does not open. The space map, orphans and lineage are only read to write.
    [Fact]
    public void Damage_to_any_unit_is_noticed()
    {
        MemoryMedium medium = TestVault.Create(out MasterKey master, chunkSize: 8192);
        List<byte[]> images = [];
        Dictionary<ulong, SortedDictionary<string, byte[]>> states = [];
        BuildStates(medium, master, 3, images, states);
        foreach (BlockPointer pointer in ContainerUnits.Of(images[^1], master).Where(IsRead).Select(u => u.Pointer))
        {
            MemoryMedium damaged = new((byte[])images[^1].Clone());
            ContainerUnits.FlipBit(damaged, pointer);
            int opened = 0;
            int refused = 0;
            int errors = 0;
            CheckImage(damaged.Snapshot(), master, states, readOnly: true, ref opened, ref refused, ref errors);
            Assert.True(refused + errors > 0, $"A changed {pointer.Kind} at block {pointer.Address.Value} was not noticed.");
        }
    }

    private static bool IsRead(ContainerUnits.Unit unit) => unit.Pointer.Kind switch
    {
        SealKind.SpaceBitmap or SealKind.SpaceIndex => false,
        SealKind.Leaf => new LeafPage(unit.Plaintext).KeyAt(0).Table < TableId.Orphans,
        _ => true,
    };

    private static void BuildStates(
        MemoryMedium medium, MasterKey master, int seed, List<byte[]> images, Dictionary<ulong, SortedDictionary<string, byte[]>> states)
    {
        Random random = new(seed);
        using VaultFileSystem fileSystem = TestVault.Open(medium, master);
        InodeNumber directory = fileSystem.CreateDirectory("directory");
        Assert.Equal(Errno.None, fileSystem.CreateSymlink(InodeNumber.Root, "link"u8, "a target"u8, 0, 0, out _));
        for (int i = 0; i < 120; i++)
            fileSystem.WriteAll(fileSystem.CreateFile($"small{i}", directory), 0, FileSystemExtensions.RandomBytes(random.Next(1, 600), i));
        for (int state = 0; state < StateCount; state++)
        {
            InodeNumber file = fileSystem.CreateFile($"file{state}");
            fileSystem.WriteAll(file, random.Next(3) * 10_000, FileSystemExtensions.RandomBytes(random.Next(60_000), state));
            Assert.Equal(Errno.None, fileSystem.SetXattr(file, "user.a"u8, FileSystemExtensions.RandomBytes(5000, state), XattrMode.Any));
            InodeNumber changed = new(4 + (ulong)random.Next(120));
            fileSystem.WriteAll(changed, 0, FileSystemExtensions.RandomBytes(random.Next(1, 9000), state));
            fileSystem.SyncAll();
            images.Add(medium.Snapshot());
            SortedDictionary<string, byte[]> content = [];
            int errors = 0;
            Walk(fileSystem, InodeNumber.Root, "", content, ref errors);
            Assert.Equal(0, errors);
            states.Add(fileSystem.DurableGeneration, content);
        }
    }

    // Blocks that matter: the fixed parts, and what the newest two states use.
    private static List<ulong> Targets(byte[] image, MasterKey master)
    {
        List<ulong> targets = [0, 16];
        for (ulong slot = 0; slot < ContainerLayout.SuperblockSlotCount; slot++)
            targets.Add(ContainerLayout.SuperblockRingBlock + slot);
        IEnumerable<BlockPointer> pointers = ContainerUnits.Of(image, master).Concat(ContainerUnits.OnlyOfPrevious(image, master)).Select(u => u.Pointer);
        foreach (BlockPointer pointer in pointers)
        {
            for (ulong i = 0; i < (ulong)pointer.BlockCount; i++)
            {
                targets.Add(pointer.Address.Value + i);
                if (!pointer.Second.IsNone)
                    targets.Add(pointer.Second.Value + i);
            }
        }

        return targets;
    }

    private static string Tamper(Random random, ref byte[] image, List<byte[]> images, List<ulong> targets)
    {
        int kind = random.Next(7);
        int count = 1 + random.Next(4) * random.Next(8);
        for (int i = 0; i < count; i++)
        {
            int offset = (int)targets[random.Next(targets.Count)] * ContainerLayout.BlockSize;
            Span<byte> block = image.AsSpan(offset, ContainerLayout.BlockSize);
            byte[] older = images[random.Next(images.Count - 1)];
            switch (kind)
            {
                case 0:
                    block[random.Next(block.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    block.Clear();
                    break;
                case 2:
                    random.NextBytes(block[..(512 * random.Next(1, 9))]);
                    break;
                case 3:
                    Span<byte> other = image.AsSpan((int)targets[random.Next(targets.Count)] * ContainerLayout.BlockSize, ContainerLayout.BlockSize);
                    byte[] copy = block.ToArray();
                    other.CopyTo(block);
                    copy.CopyTo(other);
                    break;
                case 4:
                    if (offset + block.Length <= older.Length)
                        older.AsSpan(offset, block.Length).CopyTo(block);
                    break;
                case 5:
                    int slot = (int)(ContainerLayout.SuperblockRingBlock + (ulong)random.Next(ContainerLayout.SuperblockSlotCount)) * ContainerLayout.BlockSize;
                    older.AsSpan(slot, ContainerLayout.BlockSize).CopyTo(image.AsSpan(slot));
                    break;
                default:
                    image = image[..random.Next(image.Length)];
                    return "cut off";
            }
        }

        return $"kind {kind}, {count} times";
    }

    private static void CheckImage(
        byte[] image, MasterKey master, Dictionary<ulong, SortedDictionary<string, byte[]>> states, bool readOnly, ref int opened, ref int refused, ref int errors)
    {
        MemoryMedium medium = new(image) { IsReadOnly = readOnly };
        VaultFileSystem fileSystem;
        OpeningReport report;
        try
        {
            fileSystem = VaultContainer.Open(medium, master, TestVault.Quiet with { ReadOnly = readOnly }, out report);
        }
        catch (VaultException)
        {
            refused++;
            return;
        }

        opened++;
        try
        {
            SortedDictionary<string, byte[]> found = [];
            int errorsBefore = errors;
            Walk(fileSystem, InodeNumber.Root, "", found, ref errors);
            SortedDictionary<string, byte[]> expected = states[report.Generation];
            foreach ((string path, byte[] content) in found)
                Assert.True(expected.TryGetValue(path, out byte[]? right) && right.AsSpan().SequenceEqual(content), "Wrong data was read.");
            if (errors == errorsBefore)
                Assert.Equal(expected.Count, found.Count);
            if (!readOnly)
                Work(fileSystem);
            fileSystem.Close();
        }
        catch (VaultException)
        {
            errors++; // the last commit met the damage
        }
        finally
        {
            fileSystem.Dispose();
        }
    }

    // Outcomes are free, as long as they are outcomes; what was synced reads back.
    private static void Work(VaultFileSystem fileSystem)
    {
        byte[] data = FileSystemExtensions.RandomBytes(40_000);
        _ = fileSystem.Unlink(InodeNumber.Root, "file1"u8);
        _ = fileSystem.Rename(InodeNumber.Root, "file2"u8, InodeNumber.Root, "file3"u8, RenameMode.Replace);
        if (fileSystem.Lookup(InodeNumber.Root, "file4"u8, out InodeAttributes old) == Errno.None)
        {
            _ = fileSystem.Write(old.Inode, 3_000, data, true, false);
            _ = fileSystem.SetAttributes(old.Inode, new AttributeChange { Fields = AttributeChanges.Size, SizeBytes = 5_000 }, out _);
        }

        bool isWritten = fileSystem.CreateNode(InodeNumber.Root, "new"u8, ModeBits.RegularFile, 0, 0, 0, out InodeAttributes file) == Errno.None
            && fileSystem.Write(file.Inode, 10, data, true, false) == Errno.None;
        if (fileSystem.Sync() == Errno.None && isWritten)
            Assert.Equal(data, fileSystem.ReadAll(file.Inode, 10, data.Length));
    }

    // Collects what can be read; anything else must be EIO.
    private static void Walk(VaultFileSystem fileSystem, InodeNumber directory, string path, SortedDictionary<string, byte[]> found, ref int errors)
    {
        FileSystemDump.Collector sink = new();
        if (!IsGood(fileSystem.ReadDirectory(directory, 0, withAttributes: true, ref sink), ref errors))
            return;
        foreach ((string name, InodeAttributes entry) in sink.Entries.Where(e => e.Name is not ("." or "..")))
        {
            string child = $"{path}/{name}";
            if (!IsGood(fileSystem.Lookup(directory, name.Utf8(), out InodeAttributes attributes), ref errors))
                continue;
            Assert.Equal(entry.Inode, attributes.Inode);
            found.Add($"{child} {attributes.Mode} {attributes.LinkCount} {attributes.SizeBytes}", []);
            byte[] content = new byte[attributes.SizeBytes];
            Errno outcome = Errno.None;
            if (attributes.IsDirectory)
                Walk(fileSystem, attributes.Inode, child, found, ref errors);
            else if (attributes.IsRegularFile)
                outcome = fileSystem.Read(attributes.Inode, 0, content, out _);
            else
                outcome = fileSystem.ReadLink(attributes.Inode, content, out _);
            if (IsGood(outcome, ref errors) && !attributes.IsDirectory)
                found.Add(child, content);
            byte[] value = new byte[5000];
            Errno xattr = fileSystem.GetXattr(attributes.Inode, "user.a"u8, value, out _);
            if (xattr != Errno.ENODATA && IsGood(xattr, ref errors))
                found.Add($"{child} user.a", value);
        }
    }

    private static bool IsGood(Errno outcome, ref int errors)
    {
        if (outcome == Errno.None)
            return true;
        Assert.Equal(Errno.EIO, outcome);
        errors++;
        return false;
    }
}
