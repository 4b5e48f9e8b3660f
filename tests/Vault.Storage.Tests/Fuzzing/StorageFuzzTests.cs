using Vault.Crypto;
using Vault.Testing.Fuzzing;

namespace Vault.Storage.Tests.Fuzzing;

/// <summary>
/// Every parser of what lies in a container, behind its tag: nobody without the key can reach it, but a bug of ours could have
/// written it. A new structure (a log record) is one more line here.
/// </summary>
public sealed class StorageFuzzTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Three sessions, their keys, tables and threads.</summary>
    private const long MostAllocatedBytes = 24 << 20;

    private readonly ForgedVault _vault = new();

    public void Dispose() => _vault.Dispose();

    [Fact]
    [Trait("fuzz", "superblock")]
    public void Superblocks() => Run("superblock", [_vault.Superblock], _vault.WithSuperblock);

    [Fact]
    [Trait("fuzz", "leaf-page")]
    public void Leaf_pages() => RunUnits("leaf-page", SealKind.Leaf);

    [Fact]
    [Trait("fuzz", "branch-page")]
    public void Branch_pages() => RunUnits("branch-page", SealKind.Branch);

    [Fact]
    [Trait("fuzz", "space-index")]
    public void Space_indexes() => RunUnits("space-index", SealKind.SpaceIndex);

    [Fact]
    [Trait("fuzz", "bitmap")]
    public void Bitmaps() => RunUnits("bitmap", SealKind.SpaceBitmap);

    [Fact]
    [Trait("fuzz", "inode-record")]
    public void Inode_records() => RunValues("inode-record", TableId.Inodes);

    [Fact]
    [Trait("fuzz", "directory-entry")]
    public void Directory_entries() => RunValues("directory-entry", TableId.DirectoryEntries);

    [Fact]
    [Trait("fuzz", "chunk-record")]
    public void Chunk_records() => RunValues("chunk-record", TableId.Chunks);

    [Fact]
    [Trait("fuzz", "inline-data")]
    public void Inline_data() => RunValues("inline-data", TableId.InlineData);

    [Fact]
    [Trait("fuzz", "symlink-target")]
    public void Symlink_targets() => RunValues("symlink-target", TableId.SymlinkTargets);

    [Fact]
    [Trait("fuzz", "xattr")]
    public void Extended_attributes() => RunValues("xattr", TableId.Xattrs);

    [Fact]
    [Trait("fuzz", "lineage")]
    public void Lineage_entries() => RunValues("lineage", TableId.Lineage);

    [Fact]
    [Trait("fuzz", "shared-chunk")]
    public void Counts_of_shared_chunks() => RunValues("shared-chunk", TableId.SharedChunks);

    [Fact]
    [Trait("fuzz", "log-append")]
    public void Appends_to_the_log() => Run("log-append", _vault.Appends, _vault.WithAppend, keepsLength: false);

    [Fact]
    [Trait("fuzz", "log-frame")]
    public void Frames_of_the_log() => Run("log-frame", _vault.StoredAppends, _vault.WithStoredAppend, keepsLength: false);

    private void RunUnits(string target, SealKind kind)
    {
        List<ContainerUnits.Unit> units = [.. _vault.Units.Where(u => u.Pointer.Kind == kind)];
        Run(target, [.. units.Select(u => u.Plaintext)], input => _vault.WithUnit(units[Pick(input, units.Count)].Pointer, input));
    }

    // The input goes under each key in turn, chosen by its bytes: a failing input alone repeats the failure.
    private void RunValues(string target, TableId table)
    {
        List<(TreeKey Key, byte[] Value)> values = _vault.ValuesOf(table);
        Run(
            target,
            [.. values.Select(v => v.Value)],
            input => _vault.WithValue(values[Pick(input, values.Count)].Key, input[..Math.Min(input.Length, LeafPage.MaxValueSize)]),
            keepsLength: false);
    }

    private void Run(string target, IReadOnlyList<byte[]> seeds, Func<byte[], OverlayMedium> forge, bool keepsLength = true) => new Fuzzer(
        target, input => VaultExercise.Run(forge(input), _vault.Master), output.WriteLine)
    {
        Seeds = seeds,
        KeepsLength = keepsLength,
        MostAllocatedBytes = MostAllocatedBytes,
    }.Run();

    private static int Pick(byte[] input, int count)
    {
        uint sum = 0;
        foreach (byte b in input)
            sum = unchecked((sum * 31) + b);
        return (int)(sum % (uint)count);
    }
}
