using System.Globalization;
using System.Text;

namespace Vault.Storage;

/// <summary>
/// One salvage: the directories from the root down, then what no name leads to, then older versions of files that came out
/// incomplete. Keeps the number of each inode, the path of each directory and of files with several names, and the
/// entries of one directory. For one thread.
/// </summary>
internal sealed class SalvageRun(SalvageStates states, SalvageContent content, SalvageXattrs xattrs, ISalvageSink sink, CheckLog log)
{
    /// <summary>Paths beyond it cannot be made on the host: what lies so deep is put at the top.</summary>
    private const int MaxPathLength = 3000;

    private readonly HashSet<ulong> _seen = [];
    private readonly Dictionary<ulong, byte[]> _links = [];
    private readonly List<(byte[] Path, ulong Inode)> _directories = [];
    private readonly Stack<(byte[] Path, ulong Inode)> _pending = [];
    private readonly List<(byte[] Path, ulong Inode, int State)> _olderVersions = [];
    private byte[] _lostAndFound = [];
    private bool _hasLostAndFound;

    public long Files { get; private set; }

    public long Directories { get; private set; }

    public long CopiedBytes { get; private set; }

    public long IncompleteFiles { get; private set; }

    public void Run()
    {
        Reserve();
        _seen.Add(InodeNumber.Root.Value);
        _pending.Push(([], InodeNumber.Root.Value));
        CopyPending();
        CopyUnnamed();
        foreach ((byte[] path, ulong inode, int state) in _olderVersions)
            CopyOlderVersion(path, inode, state);
        foreach ((byte[] path, ulong inode) in _directories.AsEnumerable().Reverse())
        {
            if (!states.TryGetRecord(inode, out InodeRecord record, out _))
                continue;
            InodeAttributes attributes = record.ToAttributes(new InodeNumber(inode));
            sink.SetOwner(path, attributes);
            sink.SetAttributes(path, attributes);
        }
    }

    // A name in the root that nothing in it has.
    private void Reserve()
    {
        HashSet<string> taken = [.. SalvageDirectory.Read(states, InodeNumber.Root.Value).Entries.Select(e => Encoding.Latin1.GetString(e.Name))];
        string name = "lost+found";
        for (int i = 1; taken.Contains(name); i++)
            name = string.Create(CultureInfo.InvariantCulture, $"lost+found.{i}");
        _lostAndFound = Encoding.ASCII.GetBytes(name);
    }

    private void CopyPending()
    {
        while (_pending.TryPop(out (byte[] Path, ulong Inode) next))
        {
            SalvageDirectory directory = SalvageDirectory.Read(states, next.Inode);
            if (directory.IsIncomplete)
                Tell(CheckFindingKind.DirectoryEntries, next.Inode, next.Path, "Entries of the directory cannot be read, in no state; what they named is under lost+found as far as it can be read.");
            else if (directory.OldestState > 0)
                Tell(CheckFindingKind.DirectoryEntries, next.Inode, next.Path, $"Entries of the directory cannot be read and are those {AsOf(directory.OldestState)}.");
            foreach (SalvageDirectory.Entry entry in directory.Entries)
                CopyEntry(next.Path, next.Inode, entry);
        }
    }

    private void CopyEntry(byte[] directory, ulong inode, in SalvageDirectory.Entry entry)
    {
        log.Advance(0);
        states.Use(entry.State);
        if (SalvageDirectory.IsName(entry.Name))
            Copy(Join(directory, entry.Name), entry.Inode, entry.Type, entry.State);
        else
            Tell(CheckFindingKind.DirectoryEntries, inode, directory, "A name that no file can have is left out.");
    }

    private void CopyUnnamed()
    {
        List<(ulong Inode, uint Type)> unnamed = SalvageInodes.FindUnnamed(states, _seen);
        HashSet<ulong> directories = [.. unnamed.Where(u => u.Type == ModeBits.Directory).Select(u => u.Inode)];
        foreach ((ulong inode, uint type) in unnamed.OrderBy(u => u.Type == ModeBits.Directory ? 0 : 1))
        {
            if (_seen.Contains(inode))
                continue; // lay in a directory that came before
            if (type == ModeBits.Directory)
                CopyUnnamed(TopmostOf(inode, directories), type);
            if (!_seen.Contains(inode))
                CopyUnnamed(inode, type);
        }
    }

    private void CopyUnnamed(ulong inode, uint type)
    {
        byte[] path = PathInLostAndFound(inode);
        Tell(CheckFindingKind.DirectoryEntries, inode, path, "No name of the inode can be read.");
        Copy(path, inode, type, states.Count);
        CopyPending();
    }

    // The highest of the directories above one that has no name either; a circle ends anywhere.
    private ulong TopmostOf(ulong inode, HashSet<ulong> unnamed)
    {
        HashSet<ulong> way = [];
        while (way.Add(inode) && states.TryGetRecord(inode, out InodeRecord record, out _) && unnamed.Contains(record.Parent) && !_seen.Contains(record.Parent))
            inode = record.Parent;
        return inode;
    }

    // state: the one that the name is from, which is no news to tell.
    private void Copy(byte[] path, ulong inode, uint type, int state)
    {
        log.Advance(0);
        bool isKnown = states.TryGetRecord(inode, out InodeRecord record, out int recordState);
        if (isKnown)
            states.Use(recordState);
        if (isKnown && recordState > state)
            Tell(CheckFindingKind.Inode, inode, path, $"The inode cannot be read and is the one {AsOf(recordState)}.");
        if ((isKnown ? record.Type : type) == ModeBits.Directory)
            CopyDirectory(path, inode, isKnown, recordState, record);
        else if (_links.TryGetValue(inode, out byte[]? existing))
            sink.CreateLink(existing, path);
        else if (isKnown)
            CopyKnown(path, inode, record, recordState);
        else
            CopyWithoutRecord(path, inode, type);
    }

    private void CopyDirectory(byte[] path, ulong inode, bool isKnown, int state, in InodeRecord record)
    {
        if (!_seen.Add(inode))
        {
            Tell(CheckFindingKind.Inconsistency, inode, path, "The directory has been copied under another name.");
            return;
        }

        if (path.Length > MaxPathLength)
        {
            Tell(CheckFindingKind.DirectoryEntries, inode, path, $"The path is too long: the directory is in lost+found, as #{inode}.");
            path = PathInLostAndFound(inode);
        }

        sink.CreateDirectory(path);
        Directories++;
        _pending.Push((path, inode));
        if (isKnown)
        {
            _directories.Add((path, inode));
            CopyXattrs(path, inode, record, state);
        }
        else
        {
            Tell(CheckFindingKind.Inode, inode, path, "The directory's attributes cannot be read.");
        }
    }

    private void CopyKnown(byte[] path, ulong inode, in InodeRecord record, int state)
    {
        _seen.Add(inode);
        bool isMade = record.Type switch
        {
            ModeBits.RegularFile => TryCopyFile(path, inode, record, state, isSizeKnown: true),
            ModeBits.SymbolicLink => TryCopySymlink(path, inode, state),
            _ => TryCopySpecial(path, inode, record),
        };
        if (!isMade)
            return;
        Files++;
        if (record.LinkCount > 1)
            _links[inode] = path;
        CopyAttributes(path, inode, record, state);
    }

    private void CopyWithoutRecord(byte[] path, ulong inode, uint type)
    {
        _seen.Add(inode);
        bool isMade = type switch
        {
            ModeBits.RegularFile when content.TryMeasure(inode, out InodeRecord record, out int state) => TryCopyFile(path, inode, record, state, isSizeKnown: false),
            ModeBits.SymbolicLink => TryCopySymlink(path, inode, 0),
            _ => false,
        };
        Tell(CheckFindingKind.Inode, inode, path, isMade ? "The inode cannot be read: attributes and exact size are unknown." : "The inode cannot be read.");
        if (!isMade)
            return;
        Files++;
        _links[inode] = path; // perhaps it has another name
    }

    private bool TryCopyFile(byte[] path, ulong inode, in InodeRecord record, int state, bool isSizeKnown)
    {
        if (!sink.BeginFile(path, record.Size))
            return false;
        states.Use(state);
        List<(long Offset, long Length)> missing = [];
        CopiedBytes += content.Read(state, inode, record, sink, missing);
        sink.EndFile();
        if (isSizeKnown && missing.Count == 0)
            return true;
        IncompleteFiles++;
        int whole = WholeVersion(inode, state);
        string detail = whole < 0 ? "The data cannot be read." : $"The data cannot be read. The whole file {AsOf(whole)} is beside it, with '{Suffix(whole)}' behind its name.";
        foreach ((long offset, long length) in missing)
            log.Add(CheckFindingKind.FileData, inode, Text(path), offset, length, detail);
        if (whole >= 0)
            _olderVersions.Add((path, inode, whole));
        return true;
    }

    private int WholeVersion(ulong inode, int state)
    {
        for (int older = state + 1; older < states.Count; older++)
        {
            if (states.TryGetRecordIn(older, inode, out InodeRecord record) && record.IsRegularFile && content.IsWhole(older, inode, record))
                return older;
        }

        return -1;
    }

    // Late, so that it takes no other file's name.
    private void CopyOlderVersion(byte[] path, ulong inode, int state)
    {
        byte[] suffix = Encoding.ASCII.GetBytes(Suffix(state));
        int nameStart = path.AsSpan().LastIndexOf((byte)'/') + 1;
        int length = Math.Min(path.Length, nameStart + DirectoryTable.MaxNameLength - suffix.Length);
        path = [.. path[..length], .. suffix];
        if (!states.TryGetRecordIn(state, inode, out InodeRecord record) || !sink.BeginFile(path, record.Size))
            return;
        states.Use(state);
        CopiedBytes += content.Read(state, inode, record, sink, []);
        sink.EndFile();
        Files++;
        CopyAttributes(path, inode, record, state);
    }

    private bool TryCopySymlink(byte[] path, ulong inode, int state)
    {
        Span<byte> target = stackalloc byte[LeafPage.MaxValueSize];
        for (; state < states.Count; state++)
        {
            if (!states.TryGetIn(state, new TreeKey(TableId.SymlinkTargets, inode), target, out int length))
                continue; // a target never changes: an older state's will do
            sink.CreateSymlink(path, target[..length]);
            return true;
        }

        Tell(CheckFindingKind.Inode, inode, path, "The symlink's target cannot be read.");
        return false;
    }

    private bool TryCopySpecial(byte[] path, ulong inode, in InodeRecord record)
    {
        if (record.Type is not (ModeBits.Fifo or ModeBits.Socket or ModeBits.CharacterDevice or ModeBits.BlockDevice))
        {
            Tell(CheckFindingKind.Inconsistency, inode, path, "The inode is of a type that there is not, and is left out.");
            return false;
        }

        sink.CreateSpecial(path, record.ToAttributes(new InodeNumber(inode)));
        return true;
    }

    private void CopyAttributes(byte[] path, ulong inode, in InodeRecord record, int state)
    {
        InodeAttributes attributes = record.ToAttributes(new InodeNumber(inode));
        sink.SetOwner(path, attributes);
        CopyXattrs(path, inode, record, state);
        sink.SetAttributes(path, attributes);
    }

    private void CopyXattrs(byte[] path, ulong inode, in InodeRecord record, int state)
    {
        if ((record.Flags & InodeFlags.HasXattrs) != 0 && !xattrs.Copy(state, inode, path))
            Tell(CheckFindingKind.Inode, inode, path, "Extended attributes cannot be read; older ones are in their place where there are any.");
    }

    private byte[] PathInLostAndFound(ulong inode)
    {
        if (!_hasLostAndFound)
        {
            sink.CreateDirectory(_lostAndFound);
            Directories++;
            _hasLostAndFound = true;
        }

        return Join(_lostAndFound, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"#{inode}")));
    }

    private static byte[] Join(byte[] directory, byte[] name) => directory.Length == 0 ? name : [.. directory, (byte)'/', .. name];

    private string AsOf(int state) => string.Create(CultureInfo.InvariantCulture, $"as of generation {states.GenerationOf(state)}");

    private string Suffix(int state) => string.Create(CultureInfo.InvariantCulture, $".generation-{states.GenerationOf(state)}");

    private void Tell(CheckFindingKind kind, ulong inode, byte[] path, string detail) => log.Add(kind, inode, Text(path), -1, 0, detail);

    private static string Text(ReadOnlySpan<byte> path)
    {
        StringBuilder text = new();
        EscapedName.Append(text, path);
        return text.ToString();
    }
}
