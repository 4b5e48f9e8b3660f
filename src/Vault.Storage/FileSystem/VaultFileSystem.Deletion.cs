namespace Vault.Storage;

/// <content>References to inodes, and how those that nobody can reach any more are deleted.</content>
public sealed partial class VaultFileSystem
{
    /// <summary>Adds a reference to an inode that an <see cref="IDirectorySink"/> was shown (READDIRPLUS). Takes no lock that a scan holds.</summary>
    public void AddReference(InodeNumber inode) => _references.Add(inode);

    /// <summary>Takes back references; deletes an unlinked inode at zero. Never blocks for long.</summary>
    public void Forget(InodeNumber inode, ulong count)
    {
        if (_references.Release(inode, count))
            Delete(inode);
    }

    // An inode without names and references: at once if it is small, else in the background.
    private void Delete(InodeNumber inode)
    {
        try
        {
            if (_volume.RefusesChanges || GetRecord(inode, out InodeRecord record) != Errno.None)
                return;
            if (record.DataBlocks > MaxBlocksToDeleteInline)
                _reaper!.Enqueue(inode);
            else
                Purge(inode, CancellationToken.None);
        }
        catch (VaultException e)
        {
            _ = OutcomeOf(e); // Nobody waits for an answer; the orphan table still has the inode.
        }
    }

    // The next inode of the orphan table that nobody knows: left over from a session that ended, or being deleted already,
    // which a second deletion does not disturb.
    private InodeNumber? NextLeftover(InodeNumber after)
    {
        _volume.Tree.Lock.EnterReadLock();
        try
        {
            TreeScan scan = _volume.Tree.Scan(new TreeKey(TableId.Orphans, after.Value + 1));
            TreeKey end = new(TableId.Orphans, ulong.MaxValue);
            while (scan.MoveNext(end))
            {
                InodeNumber inode = new(scan.Key.Object);
                if (_references.MarkUnlinked(inode))
                    return inode;
            }

            return null;
        }
        finally
        {
            LeaveTree();
        }
    }

    // Step by step: each is a whole operation and leaves the inode in the orphan table until the last one.
    private void Purge(InodeNumber inode, CancellationToken stop)
    {
        bool more = true;
        while (more && !_volume.RefusesChanges && !stop.IsCancellationRequested)
        {
            more = _cutter.PurgeStep(inode, RemoveInode);
            AfterChange();
        }
    }

    private void RemoveInode(InodeNumber inode)
    {
        if (!_inodes.TryGet(inode, out InodeRecord record))
            return;
        ReadOnlySpan<TableId> tables = [TableId.InlineData, TableId.SymlinkTargets, TableId.Orphans];
        foreach (TableId table in tables)
            _ = _volume.Tree.Contains(new TreeKey(table, inode.Value)); // a damaged page fails the deletion before its first change
        if ((record.Flags & InodeFlags.HasLostContent) != 0)
            _ = _lost.Overlaps(inode, 0, long.MaxValue);
        if ((record.Flags & InodeFlags.HasXattrs) != 0)
            _xattrs.RemoveAll(inode);
        _lost.Remove(inode, 0, long.MaxValue, ref record);
        foreach (TableId table in tables)
            _volume.Tree.Remove(new TreeKey(table, inode.Value));
        _inodes.Remove(inode);
        _volume.ForgetInode();
    }
}
