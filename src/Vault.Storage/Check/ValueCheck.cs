namespace Vault.Storage;

/// <summary>Checks the tables that hold one value for an inode: inline content, symlink targets, orphans; the lineage; counts of shared chunks.</summary>
internal sealed class ValueCheck(CheckContext context)
{
    public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value)
    {
        switch (key.Table)
        {
            case TableId.InlineData:
                Check(key, value.Length is > 0 and <= LeafPage.MaxValueSize, InodeFacts.ExpectsInlineData, "inline content", (long)value.Length);
                break;
            case TableId.SymlinkTargets:
                Check(key, value.Length is > 0 and <= VaultFileSystem.MaxSymlinkLength, InodeFacts.ExpectsTarget, "a symlink's target", value.Length);
                break;
            case TableId.Orphans:
                Check(key, value.Length == 0, InodeFacts.ExpectsOrphan, "a place in the table of deleted inodes", null);
                break;
            case TableId.LostContent:
                CheckLost(key, value);
                break;
            case TableId.Lineage:
                if (value.Length != LineageEntry.SizeBytes || LineageEntry.Read(value).LastGeneration != key.Object)
                    Container("An entry of the lineage is malformed.");
                break;
            case TableId.SharedChunks:
                CheckCount(key, SharedChunks.CountIn(value));
                break;
            case TableId.Snapshots:
                Container("There is an entry of a table that this version does not write.");
                break;
            default:
                Container("There is an entry of a table that does not exist.");
                break;
        }
    }

    /// <summary>Tells what was expected of inodes and did not come: lost, or in contradiction.</summary>
    public void Finish()
    {
        for (int at = 0; at < context.Index.Count; at++)
        {
            InodeIndex.Entry entry = context.Index[at];
            if (entry.Is(InodeFacts.ExpectsMask) || (entry.Is(InodeFacts.HasXattrs) && context.Lost.Touches(TableId.Xattrs)))
                TellMissing(at, entry);
        }
    }

    private void TellMissing(int at, in InodeIndex.Entry entry)
    {
        bool IsLost(TableId table) => context.Lost.Touches(table, context.Index[at].Number);
        if (entry.Is(InodeFacts.ExpectsChunks) && entry.NameCount > 0) // one without a name may be deleted in part
            context.Add(CheckFindingKind.Inconsistency, at, "The inode counts data blocks and has no chunk.");
        if (entry.Is(InodeFacts.ExpectsInlineData))
            TellInline(at, IsLost(TableId.InlineData));
        if (entry.Is(InodeFacts.ExpectsTarget))
            context.Add(CheckFindingKind.Inode, at, IsLost(TableId.SymlinkTargets) ? "The symlink's target cannot be read." : "The symlink has no target.");
        if (entry.Is(InodeFacts.HasXattrs) && IsLost(TableId.Xattrs))
            context.Add(CheckFindingKind.Inode, at, entry.Is(InodeFacts.ExpectsXattrs) ? "The extended attributes cannot be read." : "Some of the extended attributes may be lost.");
        else if (entry.Is(InodeFacts.ExpectsXattrs))
            context.Add(CheckFindingKind.Inconsistency, at, "The inode says that it has extended attributes; there are none.");
        if (entry.Is(InodeFacts.ExpectsLostContent))
            context.Add(CheckFindingKind.Inconsistency, at, "The inode says that content is lost, and nothing says which.");
        if (entry.Is(InodeFacts.ExpectsOrphan) && !IsLost(TableId.Orphans))
            context.Add(CheckFindingKind.Inconsistency, at, "The inode has no name and is not among those to be deleted.");
    }

    private void CheckLost(in TreeKey key, ReadOnlySpan<byte> value)
    {
        int at = context.Index.Find(key.Object);
        bool isWellFormed = value.Length == LostContent.ValueSize && LostContent.FirstOf(value) <= key.Item && key.Item < ulong.MaxValue;
        if (at < 0 || !isWellFormed || !context.TryGetRecord(key.Object, out InodeRecord record) || (record.Flags & InodeFlags.HasLostContent) == 0)
        {
            context.AddFor(CheckFindingKind.Inconsistency, key.Object, "There is a note of lost content that does not fit the inode.");
            return;
        }

        context.Index[at].Facts &= ~InodeFacts.ExpectsLostContent;
        ulong chunk = (ulong)context.ChunkSize;
        ulong start = Math.Min(LostContent.FirstOf(value), (ulong)record.Size / chunk + 1) * chunk;
        ulong end = Math.Min((Math.Min(key.Item, (ulong)record.Size / chunk) + 1) * chunk, (ulong)record.Size);
        Counter stored = new();
        context.Tree.Walk(stored, new TreeKey(TableId.Chunks, key.Object, LostContent.FirstOf(value)), new TreeKey(TableId.Chunks, key.Object, key.Item + 1), bothCopies: false);
        if (start >= end || stored.Count > 0)
            context.Add(CheckFindingKind.Inconsistency, at, "There is a note of lost content where none is lost.");
        else
            context.Log.Add(CheckFindingKind.FileData, key.Object, context.Paths.Of(at), (long)start, (long)(end - start), "The data is lost, as a repair noted.");
    }

    private void CheckCount(in TreeKey key, ulong count)
    {
        ulong seen = context.Shared.SeenOf(key.Object);
        if (count == 0 || key.Item != 0)
            Container("A count of a shared chunk is malformed.");
        else if (seen > count || (seen < count && !context.Lost.Touches(TableId.Chunks)))
            Container(FormattableString.Invariant($"A shared chunk is counted {count} times; {seen} records lead to it."));
    }

    private void TellInline(int at, bool isLost)
    {
        ulong number = context.Index[at].Number;
        long size = context.TryGetRecord(number, out InodeRecord record) ? record.Size : 0;
        context.Log.Add(CheckFindingKind.FileData, number, context.Paths.Of(at), 0, size, isLost ? "The tree page that holds the data cannot be read." : "The content of the file is missing.");
    }

    private void Check(in TreeKey key, bool isWellFormed, InodeFacts expected, string what, long? length)
    {
        int at = context.Index.Find(key.Object);
        if (at < 0 || context.Index[at].Is(InodeFacts.IsMissing))
        {
            if (at < 0 || context.Index[at].NameCount == 0)
                context.AddFor(CheckFindingKind.Inode, key.Object, $"There is {what} of an inode that cannot be read, and no name leads to it.");
            return;
        }

        if (!context.Index[at].Is(expected))
            context.Add(CheckFindingKind.Inconsistency, at, $"There is {what}, and the inode says that there is none.");
        else if (!isWellFormed || key.Item != 0 || (length is { } bytes && !HasLength(key, bytes)))
            context.Add(CheckFindingKind.Inconsistency, at, $"There is {what} of a length that cannot be.");
        context.Index[at].Facts &= ~expected;
    }

    private bool HasLength(in TreeKey key, long length) =>
        !context.TryGetRecord(key.Object, out InodeRecord record) || (key.Table == TableId.InlineData ? length <= record.Size : length == record.Size);

    private sealed class Counter : ITreeVisitor
    {
        public long Count { get; private set; }

        public void OnUnreadable(in BlockPointer pointer, in TreeKey low, in TreeKey end, int level, string check)
        {
        }

        public void OnEntry(in TreeKey key, ReadOnlySpan<byte> value) => Count++;
    }

    private void Container(string detail) => context.Log.Add(CheckFindingKind.Inconsistency, 0, null, -1, 0, detail);
}
