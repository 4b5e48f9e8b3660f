using Vault.Crypto;
using Vault.Storage.Tests.Simulation;

namespace Vault.Storage.Tests.Fuzzing;

/// <summary>
/// Does everything that a file system can be asked to a vault in which anything may stand: reads all, checks it, salvages it,
/// changes all, commits, opens again, repairs it.
/// Outcomes are free, as long as they are outcomes: an errno, or a <see cref="VaultException"/> where the vault is opened or closed.
/// </summary>
internal sealed class VaultExercise
{
    private const int MaxInodes = 60;

    private static readonly byte[] s_data = FileSystemExtensions.RandomBytes(5000);

    private readonly HashSet<InodeNumber> _seen = [];
    private readonly byte[] _buffer = new byte[XattrTable.MaxValueLength];
    private HashCode _outcomes;

    /// <returns>A number that differs where outcomes do.</returns>
    public static object Run(OverlayMedium medium, MasterKey master)
    {
        VaultExercise exercise = new();
        exercise.Session(medium, master, readOnly: true);
        exercise.Salvage(medium, master);
        exercise.Session(medium, master, readOnly: false);
        exercise.Session(medium, master, readOnly: true);
        exercise.Repair(medium, master);
        return exercise._outcomes.ToHashCode();
    }

    // Gives up only where nothing at all leads to content.
    private void Salvage(OverlayMedium medium, MasterKey master)
    {
        try
        {
            VaultSalvage.Run(medium, master, new CheckingSink(), finding => _outcomes.Add(finding.Kind), null, CancellationToken.None);
        }
        catch (VaultException e) when (e is not VaultCorruptionException)
        {
            _outcomes.Add(e.Failure);
        }
    }

    // A repair that ends leaves no contradiction and no page that cannot be read: only what is lost.
    private void Repair(OverlayMedium medium, MasterKey master)
    {
        medium.IsReadOnly = false;
        try
        {
            RepairReport report = VaultChecker.Repair(
                medium, master, finding => _outcomes.Add(finding.Kind), null, ForgedVault.Options(new SeededRandomSource(5)), CancellationToken.None);
            List<CheckFinding> left = [];
            VaultChecker.Check(medium, master, left.Add, null, CancellationToken.None);
            Assert.All(left, f => Assert.True(f.Kind is CheckFindingKind.FileData or CheckFindingKind.Inode, $"{f} is left after: {string.Join(' ', report.Actions)}"));
        }
        catch (VaultCorruptionException e)
        {
            throw new InvalidOperationException($"The repair gave up at what it is there to mend: {e}", e);
        }
        catch (VaultException e)
        {
            _outcomes.Add(e.Failure);
        }
    }

    private void Check(VaultFileSystem fileSystem)
    {
        try
        {
            fileSystem.Check(finding => _outcomes.Add(finding.Kind), null, CancellationToken.None);
        }
        catch (VaultCorruptionException e)
        {
            throw new InvalidOperationException("The check gave up at what it is there to find.", e);
        }
    }

    private void Session(OverlayMedium medium, MasterKey master, bool readOnly)
    {
        _seen.Clear();
        medium.IsReadOnly = readOnly;
        RecordingLogger logger = new();
        try
        {
            using VaultFileSystem fileSystem = VaultContainer.Open(
                medium, master, ForgedVault.Options(new SeededRandomSource(3)) with { ReadOnly = readOnly, Logger = logger }, out _);
            _ = fileSystem.GetStatistics();
            ReadAll(fileSystem, InodeNumber.Root);
            for (ulong inode = 0; inode < 24; inode++)
                ReadAll(fileSystem, new InodeNumber(inode));
            if (readOnly)
                Check(fileSystem);
            else
                ChangeAll(fileSystem);
            fileSystem.Close();
            _outcomes.Add(0);
        }
        catch (VaultException e)
        {
            _outcomes.Add(e.Failure);
        }

        logger.AssertNoBugs();
    }

    // A hostile tree may be a loop or without end: each inode once, and not too many.
    private List<(string Name, InodeAttributes Attributes)> ReadAll(VaultFileSystem fileSystem, InodeNumber inode)
    {
        if (_seen.Count >= MaxInodes || !_seen.Add(inode))
            return [];
        Note(fileSystem.GetAttributes(inode, out InodeAttributes attributes));
        foreach (long offset in (long[])[0, 4000, attributes.SizeBytes / 2, Math.Max(0, attributes.SizeBytes - 100)])
            Note(fileSystem.Read(inode, offset, _buffer.AsSpan(0, 10_000), out _));
        Note(fileSystem.Seek(inode, 5000, SeekTarget.Data, out _));
        Note(fileSystem.Seek(inode, 0, SeekTarget.Hole, out _));
        Note(fileSystem.ReadLink(inode, _buffer, out _));
        Note(fileSystem.ListXattr(inode, _buffer, out _));
        Note(fileSystem.GetXattr(inode, "user.long"u8, _buffer, out _));
        Note(fileSystem.GetXattr(inode, "user.short"u8, _buffer, out _));
        List<(string Name, InodeAttributes Attributes)> entries = List(fileSystem, inode);
        foreach ((string name, _) in entries)
        {
            Note(fileSystem.Lookup(inode, name.Utf8(), out InodeAttributes child));
            ReadAll(fileSystem, child.Inode);
        }

        return entries;
    }

    private List<(string Name, InodeAttributes Attributes)> List(VaultFileSystem fileSystem, InodeNumber inode)
    {
        BoundedCollector sink = new(MaxInodes);
        Note(fileSystem.ReadDirectory(inode, 0, withAttributes: true, ref sink));
        return sink.Entries;
    }

    private void ChangeAll(VaultFileSystem fileSystem)
    {
        InodeNumber[] inodes = [.. _seen];
        foreach (InodeNumber inode in inodes)
        {
            Note(fileSystem.Write(inode, 3000, s_data, true, true));
            Note(fileSystem.CopyRange(inode, 0, inodes[^1], 4096, 8192, false, false, out _));
            Note(fileSystem.Allocate(inode, 6000, 9000, AllocationMode.PunchHole | AllocationMode.KeepSize, false));
            Note(fileSystem.SetXattr(inode, "user.long"u8, s_data, XattrMode.Any));
            Note(fileSystem.Link(inode, InodeNumber.Root, $"link {inode.Value}".Utf8(), out _));
            Note(fileSystem.CreateNode(inode, "new"u8, ModeBits.RegularFile, 0, 0, 0, out _));
            Note(fileSystem.CreateNode(inode, "inheriting"u8, new NewNode { Mode = ModeBits.RegularFile | 0x1B6, Umask = 0x12, InheritsAcl = true }, out _));
            Note(fileSystem.CreateUnnamed(inode, new NewNode { Mode = ModeBits.RegularFile, InheritsAcl = true }, out InodeAttributes unnamed));
            fileSystem.Forget(unnamed.Inode, 1);
            Note(fileSystem.SetAttributes(inode, new AttributeChange { Fields = AttributeChanges.Mode, Mode = 0x1B6 }, out _));
            Note(fileSystem.SetFlags(inode, AttributeFlags.Known));
            Note(fileSystem.SetFlags(inode, AttributeFlags.None));
            fileSystem.NoteAccess(inode, AccessTimes.Strict);
            Note(fileSystem.Rename(inode, "new"u8, InodeNumber.Root, "moved"u8, RenameMode.Replace));
        }

        Note(fileSystem.Sync());
        foreach (InodeNumber inode in inodes)
        {
            foreach ((string name, InodeAttributes attributes) in List(fileSystem, inode).Where(e => e.Name is not ("." or "..")))
            {
                Note(fileSystem.SetAttributes(attributes.Inode, new AttributeChange { Fields = AttributeChanges.Size, SizeBytes = 4500 }, out _));
                Note(fileSystem.SetAttributes(attributes.Inode, new AttributeChange { Fields = AttributeChanges.Size | AttributeChanges.Mode, SizeBytes = 10 }, out _));
                Note(fileSystem.RemoveXattr(attributes.Inode, "user.long"u8));
                Note(fileSystem.Rename(inode, name.Utf8(), InodeNumber.Root, $"{name}+".Utf8(), RenameMode.Replace));
                Note(fileSystem.Rename(InodeNumber.Root, $"{name}+".Utf8(), inode, name.Utf8(), RenameMode.NoReplace));
                Note(fileSystem.Unlink(inode, name.Utf8()));
                Note(fileSystem.RemoveDirectory(inode, name.Utf8()));
                fileSystem.Forget(attributes.Inode, ulong.MaxValue);
            }
        }

        Note(fileSystem.Sync());
    }

    private void Note(Errno outcome) => _outcomes.Add(outcome);

    private struct BoundedCollector(int most) : IDirectorySink
    {
        public readonly List<(string Name, InodeAttributes Attributes)> Entries = [];

        public readonly bool TryAdd(ulong cookie, ReadOnlySpan<byte> name, in InodeAttributes attributes)
        {
            Entries.Add((System.Text.Encoding.UTF8.GetString(name), attributes));
            return Entries.Count < most;
        }
    }
}
