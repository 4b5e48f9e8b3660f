namespace Vault.Storage;

/// <summary>Makes records for inodes whose own are lost, from what leads to them and what they hold: so that they stay listed, and what is left of them can be read.</summary>
internal sealed class InodeRepair(Volume volume, RepairLog log, LostRanges lost)
{
    private readonly CopyOnWriteTree _tree = volume.Tree;
    private readonly InodeTable _inodes = new(volume.Tree);
    private readonly ChunkTable _chunks = new(volume.Tree);

    /// <summary>Numbers of which there is content and perhaps no record, with the type that the content tells.</summary>
    public SortedDictionary<ulong, uint> OwnersOfContent(InodeIndex index)
    {
        SortedDictionary<ulong, uint> owners = [];
        LiveTree.Where(_tree, TableId.Chunks, TableId.Xattrs, (in TreeKey key, ReadOnlySpan<byte> value) =>
        {
            int at = index.Find(key.Object);
            if (key.Object is > 0 and <= InodeNumber.MaxBelieved && (at < 0 || index[at].Is(InodeFacts.IsMissing)))
                owners[key.Object] = key.Table == TableId.SymlinkTargets ? ModeBits.SymbolicLink : owners.GetValueOrDefault(key.Object, ModeBits.RegularFile);
            return false;
        });
        return owners;
    }

    /// <summary>Makes the records that are missing.</summary>
    public void MakeMissing(InodeIndex index, SortedDictionary<ulong, uint> owners, List<LostRun> lostRuns)
    {
        for (int i = 0; i < index.Count; i++)
        {
            if (!index[i].Is(InodeFacts.IsMissing))
                continue;
            InodeIndex.Entry entry = index[i];
            uint type = ModeBits.IsKnownType(entry.Type) ? entry.Type : owners.GetValueOrDefault(entry.Number, ModeBits.RegularFile);
            ulong parent = entry.NameDirectory >= 0 ? index[entry.NameDirectory].Number : 0;
            Make(new InodeNumber(entry.Number), type, parent, lostRuns);
            index[i].SetType(type);
        }

        foreach ((ulong number, uint type) in owners)
        {
            if (index.Find(number) < 0)
                Make(new InodeNumber(number), type, parent: 0, lostRuns);
        }
    }

    private void Make(InodeNumber inode, uint type, ulong parent, List<LostRun> lostRuns)
    {
        Timestamp now = volume.Clock.Now;
        if (!_inodes.TryGet(new InodeNumber(parent), out InodeRecord owner))
            _inodes.TryGet(InodeNumber.Root, out owner);
        bool isDirectory = type == ModeBits.Directory;
        InodeRecord record = new()
        {
            Mode = type | Convert.ToUInt32(isDirectory ? "700" : "600", 8),
            LinkCount = isDirectory ? 2u : 1u,
            UserId = owner.UserId,
            GroupId = owner.GroupId,
            Parent = isDirectory ? parent : 0,
            AccessTime = now,
            ModifyTime = now,
            ChangeTime = now,
            BirthTime = now,
        };
        if (type == ModeBits.SymbolicLink)
            record.Size = LengthOf(TableId.SymlinkTargets, inode) is var length and > 0 ? length : 1; // without a target it cannot be read
        if (type == ModeBits.RegularFile)
            FindContent(inode, ref record, lostRuns);
        _inodes.Put(inode, record);
        log.Add("{0} inodes that could not be read were made anew, with mode 0600 or 0700.");
    }

    // The size is that of what is left; what may have been lost becomes part of it, so that it is an error and not an empty file.
    private void FindContent(InodeNumber inode, ref InodeRecord record, List<LostRun> lostRuns)
    {
        record.Size = LengthOf(TableId.InlineData, inode);
        if (record.Size > 0)
        {
            record.Flags |= InodeFlags.IsInline;
            return;
        }

        long last = _chunks.LastIndex(inode, 0);
        if (last >= 0 && _chunks.TryGet(inode, last, out BlockPointer pointer))
            record.Size = (last * volume.ChunkSize) + pointer.SizeOfUnit;
        ulong mostChunks = (ulong)(FileWriter.MaxFileSize / volume.ChunkSize);
        foreach (LostRun run in lostRuns.Where(r => r.Inode == inode.Value && r.First < mostChunks))
        {
            ulong end = run.End > mostChunks ? run.First + 1 : run.End;
            record.Size = Math.Max(record.Size, (long)end * volume.ChunkSize);
        }

        if (record.Size > 0 || !lost.Touches(TableId.InlineData, inode.Value))
            return;
        record.Flags |= InodeFlags.IsInline;
        record.Size = 1;
    }

    private int LengthOf(TableId table, InodeNumber inode)
    {
        Span<byte> value = stackalloc byte[LeafPage.MaxValueSize];
        return _tree.TryGet(new TreeKey(table, inode.Value), value, out int length) ? length : 0;
    }
}
