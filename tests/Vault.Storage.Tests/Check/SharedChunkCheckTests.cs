using Vault.Crypto;

namespace Vault.Storage.Tests;

public sealed class SharedChunkCheckTests
{
    private const int Chunk = CheckedVault.ChunkSize;
    private const int Count = 4;

    private readonly byte[] _data = FileSystemExtensions.RandomBytes(Count * Chunk);
    private readonly InodeNumber[] _files = new InodeNumber[3];

    // Goal: each contradiction between counts and records is told, and a repair makes the counts what the records say: nothing that
    // can be read is lost, the vault can be worked on, and deleting all of it frees all of it.
    [Theory]
    [InlineData("count too low", "Inconsistency -")]
    [InlineData("count too high", "Inconsistency -")]
    [InlineData("no count", "Inconsistency file 1", "Inconsistency file 2")]
    [InlineData("count of nothing", "Inconsistency -")]
    [InlineData("count malformed", "Inconsistency -", "Inconsistency file 1", "Inconsistency file 2")]
    [InlineData("count impossible", "Inconsistency -", "Inconsistency file 1", "Inconsistency file 2")]
    public void A_wrong_count_is_told_and_repaired(string what, params string[] expected)
    {
        CheckedVault vault = new(Fill);
        vault.AssertClean();
        BlockPointer chunk = vault.ChunksOf(_files[0])[1];
        TreeKey key = SharedChunks.KeyOf(chunk.Address);
        vault.Edit(tree =>
        {
            switch (what)
            {
                case "count too low":
                    SharedChunks.Put(tree, chunk.Address, 2);
                    break;
                case "count too high":
                    SharedChunks.Put(tree, chunk.Address, 4);
                    break;
                case "no count":
                    tree.Remove(key);
                    break;
                case "count of nothing":
                    SharedChunks.Put(tree, new BlockAddress(chunk.Address.Value + 1), 2);
                    break;
                case "count malformed":
                    tree.Put(key, "x"u8);
                    break;
                default:
                    SharedChunks.Put(tree, chunk.Address, ulong.MaxValue);
                    break;
            }
        });
        Assert.Equal(expected.Order(), vault.Findings().Order());
        Assert.Empty(vault.RepairAndWork());
        AssertWhole(vault);
        vault.With(fileSystem =>
        {
            for (int i = 0; i < _files.Length; i++)
            {
                Assert.Equal(_data, fileSystem.ReadAll(_files[i], 0, _data.Length));
                Assert.Equal(Errno.None, fileSystem.Unlink(InodeNumber.Root, $"file {i}".Utf8()));
                fileSystem.Forget(_files[i], 1);
                fileSystem.CommitAll();
            }
        });
        vault.AssertClean();
    }

    // Goal: with every page of the table lost, data that is shared stays shared and readable, and the counts come back.
    [Fact]
    public void A_lost_table_is_counted_anew()
    {
        CheckedVault vault = new(fileSystem =>
        {
            InodeNumber large = fileSystem.CreateFile("large");
            InodeNumber clone = fileSystem.CreateFile("large clone");
            fileSystem.WriteAll(large, 0, FileSystemExtensions.RandomBytes(1300 * Chunk / 2));
            Assert.Equal(Errno.None, fileSystem.CopyRange(large, 0, clone, 0, 1L << 40, false, false, out _));
            Fill(fileSystem);
        });
        List<ContainerUnits.Unit> leaves = [.. vault.Units.Where(u => u.IsLeafOf(TableId.SharedChunks) && !u.IsLeafOf(TableId.Chunks))];
        Assert.NotEmpty(leaves);
        foreach (ContainerUnits.Unit leaf in leaves)
            ContainerUnits.FlipBit(vault.Medium, leaf.Pointer);
        Assert.Contains(vault.Findings(), f => f.StartsWith("TreePage", StringComparison.Ordinal));

        // Without the counts nothing is freed that another file may have.
        vault.With(fileSystem =>
        {
            fileSystem.WriteAll(_files[0], 0, FileSystemExtensions.RandomBytes(_data.Length, 7));
            fileSystem.CommitAll();
            fileSystem.WriteAll(fileSystem.CreateFile("filler"), 0, FileSystemExtensions.RandomBytes(_data.Length, 8));
            fileSystem.CommitAll();
            Assert.Equal(_data, fileSystem.ReadAll(_files[1], 0, _data.Length));
        });
        Assert.Empty(vault.RepairAndWork());
        vault.With(fileSystem => Assert.Equal(_data, fileSystem.ReadAll(_files[2], 0, _data.Length)));
        Assert.Equal(2UL, CountOf(vault, vault.ChunksOf(_files[1])[0]));
    }

    // Goal: damage to a shared chunk is told for every file that has it.
    [Fact]
    public void Damage_is_told_for_each_file()
    {
        CheckedVault vault = new(Fill);
        ContainerUnits.FlipBit(vault.Medium, vault.ChunksOf(_files[0])[2]);
        Assert.Equal(
            [.. Enumerable.Range(0, 3).Select(i => $"FileData file {i} {2 * Chunk}-{(3 * Chunk) - 1}")],
            vault.Findings().Order());
    }

    // Goal: a record that leads into a shared chunk from elsewhere is no sharing: it is told, and its file gets an error, nobody else.
    [Fact]
    public void A_record_that_leads_into_a_shared_chunk_is_dropped()
    {
        CheckedVault vault = new(Fill);
        BlockPointer chunk = vault.ChunksOf(_files[0])[2];
        InodeNumber other = default;
        vault.With(fileSystem => fileSystem.WriteAll(other = fileSystem.CreateFile("other"), 0, FileSystemExtensions.RandomBytes(Chunk)));
        vault.EditVolume(volume => volume.Space.Free(
            new ChunkTable(volume.Tree).Exchange(other, 0, chunk with { Address = new BlockAddress(chunk.Address.Value + 1), BlockCount = 7 })));
        Assert.Contains("Inconsistency other", vault.Findings());
        string[] after = vault.RepairAndWork();
        Assert.Equal([$"FileData other 0-{Chunk - 1}"], after);
        AssertWhole(vault);
    }

    private void Fill(VaultFileSystem fileSystem)
    {
        for (int i = 0; i < _files.Length; i++)
        {
            _files[i] = fileSystem.CreateFile($"file {i}");
            if (i == 0)
                fileSystem.WriteAll(_files[0], 0, _data);
            else
                Assert.Equal(Errno.None, fileSystem.CopyRange(_files[0], 0, _files[i], 0, _data.Length, false, false, out _));
        }
    }

    private void AssertWhole(CheckedVault vault)
    {
        foreach (InodeNumber file in _files)
            Assert.All(vault.ChunksOf(file), pointer => Assert.Equal(3UL, CountOf(vault, pointer)));
        vault.With(fileSystem => Assert.All(_files, file => Assert.Equal(_data, fileSystem.ReadAll(file, 0, _data.Length))));
    }

    private static ulong CountOf(CheckedVault vault, BlockPointer pointer)
    {
        ulong count = 0;
        vault.With(fileSystem =>
        {
            Volume volume = PrivateState.Field<Volume>(fileSystem, "_volume");
            count = volume.Shared.CountOf(pointer);
        });
        return count;
    }
}
