using System.Diagnostics;
using Vault.Crypto;
using Vault.Storage.Tests.Fuzzing;
using Vault.Storage.Tests.Simulation;
using Vault.Testing.Fuzzing;

namespace Vault.Storage.Tests;

public sealed class ContradictionTests : IDisposable
{
    private const int MaxRounds = 2;

    private readonly ITestOutputHelper _output;
    private readonly byte[] _image;
    private readonly MasterKey _master;

    public ContradictionTests(ITestOutputHelper output)
    {
        _output = output;
        MemoryMedium medium = TestVault.Create(out _master, Contradictions.ChunkSize);
        using VaultFileSystem fileSystem = VaultContainer.Open(medium, _master, Options(1), out _);
        Contradictions.Fill(fileSystem);
        fileSystem.Close();
        _image = medium.Snapshot();
    }

    public void Dispose() => _master.Dispose();

    // Goal: whatever contradicts the rest, a repair settles it in two rounds and takes nothing away that could be read.
    // Method: each contradiction alone. After the repair a check finds nothing but content that is lost; all that had a content or
    // a target by its inode before has it now, on a path from the root; the vault can be worked on.
    [Fact]
    public void Each_contradiction_is_settled()
    {
        foreach ((string name, Action<Volume> edit) in Contradictions.All)
            Settle(name, edit);
    }

    // Goal: pairs that once were not settled are. Method: those that a walk through all of them found.
    [Theory]
    [InlineData("a name under another hash", "a malformed name")]
    [InlineData("chunk 0 of file is number 5", "a note of lost content up to 1")]
    [InlineData("mode of 2 is 32768", "a note of lost content of 2")]
    public void Pairs_that_were_found_are_settled(string first, string second) =>
        Settle($"'{first}', then '{second}'", Contradictions.All.Single(c => c.Name == first).Do + Contradictions.All.Single(c => c.Name == second).Do);

    // Goal: the same of any two of them. Method: pairs out of all, in either order, from a seed, for some time.
    [Fact]
    [Trait("fuzz", "contradictions")]
    public void Pairs_of_contradictions_are_settled()
    {
        IReadOnlyList<(string Name, Action<Volume> Do)> all = Contradictions.All;
        int seed = FuzzVariables.Seed ?? Random.Shared.Next();
        Random random = new(seed);
        Stopwatch time = Stopwatch.StartNew();
        int tried = 0;
        for (; time.Elapsed < FuzzVariables.Duration; tried++)
        {
            (string Name, Action<Volume> Do) first = all[random.Next(all.Count)];
            (string Name, Action<Volume> Do) second = all[random.Next(all.Count)];
            Settle($"'{first.Name}', then '{second.Name}' (seed {seed})", first.Do + second.Do);
        }

        _output.WriteLine($"contradictions: seed {seed}, {tried} pairs of {all.Count}");
    }

    private void Settle(string what, Action<Volume> edit)
    {
        try
        {
            Settle(edit);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Not settled: {what}: {e.Message}", e);
        }
    }

    private void Settle(Action<Volume> edit)
    {
        OverlayMedium medium = new(_image);
        Edit(medium, edit);
        Dictionary<ulong, byte[]> before = Readable(medium, reachedOnly: false);
        medium.IsReadOnly = false;
        RepairReport report = VaultChecker.Repair(medium, _master, _ => { }, null, Options(3), CancellationToken.None);
        List<CheckFinding> left = [];
        VaultChecker.Check(medium, _master, left.Add, null, CancellationToken.None);
        Assert.DoesNotContain(left, f => f.Kind is not (CheckFindingKind.FileData or CheckFindingKind.Inode));
        Assert.InRange(report.Actions.Count(a => a.StartsWith("The space map was rebuilt", StringComparison.Ordinal)), 0, MaxRounds);

        Dictionary<ulong, byte[]> after = Readable(medium, reachedOnly: true);
        HashSet<ulong> lost = [.. left.Where(f => f.Kind == CheckFindingKind.FileData).Select(f => f.Inode)]; // a hole that a note says is none
        foreach ((ulong inode, byte[] content) in before.Where(i => !lost.Contains(i.Key) && i.Key <= InodeNumber.MaxBelieved))
        {
            // What was a hole may be content that came to light; what was short may go on.
            Assert.True(after.TryGetValue(inode, out byte[]? now) && (now.AsSpan().StartsWith(content) || !content.AsSpan().ContainsAnyExcept((byte)0)), $"Inode {inode} could be read before.");
        }

        medium.IsReadOnly = false;
        Work(medium);
        List<CheckFinding> worked = [];
        VaultChecker.Check(medium, _master, worked.Add, null, CancellationToken.None);
        Assert.Equal(left.Select(CheckedVault.Line).Order(), worked.Select(CheckedVault.Line).Order());
    }

    private void Edit(OverlayMedium medium, Action<Volume> edit)
    {
        using VaultFileSystem fileSystem = VaultContainer.Open(medium, _master, Options(2), out _);
        Volume volume = PrivateState.Field<Volume>(fileSystem, "_volume");
        using (TreeChange change = volume.BeginOperation())
        {
            edit(volume);
            volume.Tree.Put(new TreeKey(TableId.Lineage, 0), default); // something to commit, even if only a total was changed
            volume.Tree.Remove(new TreeKey(TableId.Lineage, 0));
            change.Complete();
        }

        fileSystem.SyncAll();
    }

    private void Work(OverlayMedium medium)
    {
        using VaultFileSystem fileSystem = VaultContainer.Open(medium, _master, Options(4), out _);
        fileSystem.WriteAll(fileSystem.CreateFile("after the repair"), 0, FileSystemExtensions.RandomBytes(5000));
        fileSystem.SyncAll();
        Assert.Equal(Errno.None, fileSystem.Unlink(InodeNumber.Root, "after the repair"u8));
        fileSystem.Close();
    }

    // Contents and targets by inode: of what paths lead to, or also of what says that a name leads to it.
    private Dictionary<ulong, byte[]> Readable(OverlayMedium medium, bool reachedOnly)
    {
        medium.IsReadOnly = true;
        using VaultFileSystem fileSystem = VaultContainer.Open(medium, _master, Options(5) with { ReadOnly = true }, out _);
        AssertOneLostFound(fileSystem, reachedOnly);
        Dictionary<ulong, byte[]> found = [];
        HashSet<InodeNumber> seen = [];
        AddBelow(fileSystem, InodeNumber.Root, seen, found);
        for (ulong inode = 2; !reachedOnly && inode < Contradictions.EndOfInodes; inode++)
        {
            if (fileSystem.GetAttributes(new InodeNumber(inode), out InodeAttributes attributes) == Errno.None && attributes.LinkCount > 0)
                Add(fileSystem, attributes, found);
        }

        return found;
    }

    // A repair makes one at most, whatever is in the way of its name.
    private static void AssertOneLostFound(VaultFileSystem fileSystem, bool isRepaired)
    {
        FileSystemDump.Collector sink = new();
        if (isRepaired && fileSystem.ReadDirectory(InodeNumber.Root, 0, withAttributes: true, ref sink) == Errno.None)
            Assert.InRange(sink.Entries.Count(e => e.Name.StartsWith("lost+found", StringComparison.Ordinal)), 0, 2);
    }

    private static void AddBelow(VaultFileSystem fileSystem, InodeNumber directory, HashSet<InodeNumber> seen, Dictionary<ulong, byte[]> found)
    {
        FileSystemDump.Collector sink = new();
        if (!seen.Add(directory) || fileSystem.ReadDirectory(directory, 0, withAttributes: true, ref sink) != Errno.None)
            return;
        foreach ((string name, InodeAttributes listed) in sink.Entries.Where(e => e.Name is not ("." or "..")))
        {
            if (fileSystem.Lookup(directory, name.Utf8(), out InodeAttributes attributes) != Errno.None)
                continue;
            Add(fileSystem, attributes, found);
            AddBelow(fileSystem, attributes.Inode, seen, found);
        }
    }

    private static void Add(VaultFileSystem fileSystem, in InodeAttributes attributes, Dictionary<ulong, byte[]> found)
    {
        byte[] buffer = new byte[Math.Clamp(attributes.SizeBytes, 0, 64 * 1024)];
        int length = 0;
        Errno outcome = attributes.IsRegularFile ? fileSystem.Read(attributes.Inode, 0, buffer, out length) : fileSystem.ReadLink(attributes.Inode, buffer, out length);
        if (outcome == Errno.None)
            found[attributes.Inode.Value] = buffer[..length];
    }

    private static VaultOpenOptions Options(int seed) => ForgedVault.Options(new SeededRandomSource(seed));
}
