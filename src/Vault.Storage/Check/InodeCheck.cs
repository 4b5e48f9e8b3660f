namespace Vault.Storage;

/// <summary>Checks inode records for themselves, and against the names that lead to them.</summary>
internal sealed class InodeCheck(CheckContext context)
{
    private const InodeFlags KnownFlags = InodeFlags.HasXattrs | InodeFlags.IsInline | InodeFlags.HasLostContent | InodeFlags.HasProtectedInodes;
    private const uint MaxNanoseconds = 999_999_999;

    private ulong _lowestAboveNext = ulong.MaxValue;
    private ulong _count;
    private bool _hasProtected;
    private bool _rootKnowsProtected;

    public long Files { get; private set; }

    public long Directories { get; private set; }

    public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value)
    {
        _count++;
        if (key.Object >= context.State.NextInode)
            _lowestAboveNext = Math.Min(_lowestAboveNext, key.Object);
        int at = context.Index.Find(key.Object);
        if (at < 0 || context.Index[at].Is(InodeFacts.IsMissing) || key.Item != 0)
        {
            context.AddFor(CheckFindingKind.Inode, key.Object, "The inode's record is malformed.");
            return;
        }

        InodeRecord record = InodeRecord.Read(value);
        if (record.IsDirectory)
            Directories++;
        else
            Files++;
        bool isRoot = key.Object == InodeNumber.Root.Value;
        _hasProtected |= record.IsProtected;
        _rootKnowsProtected |= isRoot && (record.Flags & InodeFlags.HasProtectedInodes) != 0;
        if (WhatIsWrong(record, isRoot) is { } wrong)
            context.Add(CheckFindingKind.Inconsistency, at, wrong);
        CheckNames(at, record);
        Expect(at, record);
    }

    /// <summary>Compares the totals, once all records were seen.</summary>
    public void Finish()
    {
        int root = context.Index.Find(InodeNumber.Root.Value);
        if (context.Index[root].Is(InodeFacts.IsMissing))
            context.Add(CheckFindingKind.Inode, root, "The root directory's inode cannot be read.");
        else if (_hasProtected && !_rootKnowsProtected)
            context.Add(CheckFindingKind.Inconsistency, root, "There are immutable or append-only inodes, and the root says that there are none.");
        if (context.Lost.Touches(TableId.Inodes))
            return;
        if (_count != context.State.InodeCount)
            Container($"The superblock counts {context.State.InodeCount} inodes; there are {_count}.");
        if (!InodeNumber.CanBeNext(context.State.NextInode, _lowestAboveNext))
            Container("The next inode number to be given out, or one soon after it, was given out already or cannot be.");
    }

    private void Container(FormattableString detail) =>
        context.Log.Add(CheckFindingKind.Inconsistency, 0, null, -1, 0, FormattableString.Invariant(detail));

    private void Container(string detail) => context.Log.Add(CheckFindingKind.Inconsistency, 0, null, -1, 0, detail);

    private static string? WhatIsWrong(in InodeRecord record, bool isRoot)
    {
        if (!ModeBits.IsKnownType(record.Type))
            return "The inode has no known type.";
        if (record.Size is < 0 or > FileWriter.MaxFileSize)
            return "The inode's size is impossible.";
        if (record.DataBlocks < 0 || (record.DataBlocks > 0 && !record.IsRegularFile))
            return "The inode's count of data blocks is impossible.";
        if ((record.Flags & ~KnownFlags) != 0 || (record.AttributeFlags & ~AttributeFlags.Known) != 0)
            return "The inode has flags that this version does not know.";
        if ((record.Flags & InodeFlags.HasProtectedInodes) != 0 && !isRoot)
            return "The inode has a flag that only the root has.";
        if (record.IsProtected && !record.IsRegularFile && !record.IsDirectory)
            return "The inode is no file or directory, but immutable or append-only.";
        if ((record.Flags & InodeFlags.IsInline) != 0 && (!record.IsRegularFile || record.DataBlocks != 0))
            return "The inode cannot have inline content, but says so.";
        if (record.Type == ModeBits.SymbolicLink && record.Size is 0 or > VaultFileSystem.MaxSymlinkLength)
            return "The symlink's length is impossible.";
        if (!record.IsDirectory && record.Parent != 0)
            return "The inode is no directory, but has a parent.";
        return HasBadTime(record) ? "A time of the inode is impossible." : null;
    }

    private static bool HasBadTime(in InodeRecord record) =>
        Math.Max(
            Math.Max(record.AccessTime.Nanoseconds, record.ModifyTime.Nanoseconds),
            Math.Max(record.ChangeTime.Nanoseconds, record.BirthTime.Nanoseconds)) > MaxNanoseconds;

    private void CheckNames(int at, in InodeRecord record)
    {
        InodeIndex.Entry entry = context.Index[at];
        bool isRoot = entry.Number == InodeNumber.Root.Value;
        if (isRoot && !record.IsDirectory)
            context.Add(CheckFindingKind.Inconsistency, at, "The root is no directory.");
        else if (!isRoot && record.LinkCount > 0 && entry.NameCount == 0)
            context.Add(CheckFindingKind.Inode, at, "No name leads to the inode any more.");
        else if (!isRoot && record.LinkCount > 0 && entry.Is(InodeFacts.IsCutOff))
            CheckCutOff(at, entry);
        if (record.IsDirectory)
            CheckDirectory(at, entry, record, isRoot);
        else if (entry.NameCount > 0 && record.LinkCount != entry.NameCount)
            context.Add(CheckFindingKind.Inconsistency, at, Invariant($"The inode's link count is {record.LinkCount}; {entry.NameCount} names lead to it."));
    }

    // Who lies below something that is cut off is not told again: only loops are, once each directory of one.
    private void CheckCutOff(int at, in InodeIndex.Entry entry)
    {
        int above = entry.NameDirectory;
        for (int steps = 0; steps < context.Index.Count && above >= 0; steps++)
        {
            if (above == at)
            {
                context.Add(CheckFindingKind.Inconsistency, at, "The directory lies within itself: no path leads to it from the root.");
                return;
            }

            if (context.Index[above].NameDirectory == above)
                return;
            above = context.Index[above].NameDirectory;
        }
    }

    private void CheckDirectory(int at, in InodeIndex.Entry entry, in InodeRecord record, bool isRoot)
    {
        ulong parent = isRoot ? entry.Number : entry.NameDirectory >= 0 ? context.Index[entry.NameDirectory].Number : record.Parent;
        if (record.Parent != parent)
            context.Add(CheckFindingKind.Inconsistency, at, "The directory's parent is not the one that names it.");
        if (entry.NameCount > (isRoot ? 0 : 1))
            context.Add(CheckFindingKind.Inconsistency, at, Invariant($"The directory has {entry.NameCount + (isRoot ? 1 : 0)} names."));
        if (!entry.Is(InodeFacts.HasEntries))
            CheckEntryCount(at, record, entries: 0, subdirectories: 0);
    }

    /// <summary>Compares a directory's size and link count with its entries.</summary>
    public void CheckEntryCount(int at, in InodeRecord record, long entries, long subdirectories)
    {
        ulong number = context.Index[at].Number;
        if (record.Size > entries && context.Lost.Touches(TableId.DirectoryEntries, number))
        {
            context.Add(CheckFindingKind.DirectoryEntries, at, Invariant($"{record.Size - entries} entries of the directory cannot be read."));
            return;
        }

        if (record.Size != entries)
            context.Add(CheckFindingKind.Inconsistency, at, Invariant($"The directory says that it has {record.Size} entries; it has {entries}."));
        bool isDeleted = record.LinkCount == 0 && context.Index[at].NameCount == 0;
        if (!isDeleted && record.LinkCount != 2 + subdirectories)
            context.Add(CheckFindingKind.Inconsistency, at, Invariant($"The directory's link count is {record.LinkCount}; it must be {2 + subdirectories}."));
    }

    private void Expect(int at, in InodeRecord record)
    {
        ref InodeFacts facts = ref context.Index[at].Facts;
        facts |= record.DataBlocks > 0 ? InodeFacts.ExpectsChunks : 0;
        facts |= (record.Flags & InodeFlags.IsInline) != 0 ? InodeFacts.ExpectsInlineData : 0;
        facts |= record.Type == ModeBits.SymbolicLink ? InodeFacts.ExpectsTarget : 0;
        facts |= (record.Flags & InodeFlags.HasXattrs) != 0 ? InodeFacts.ExpectsXattrs | InodeFacts.HasXattrs : 0;
        facts |= (record.Flags & InodeFlags.HasLostContent) != 0 ? InodeFacts.ExpectsLostContent : 0;
        facts |= record.LinkCount == 0 ? InodeFacts.ExpectsOrphan : 0;
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
