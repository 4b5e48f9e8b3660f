namespace Vault.Storage;

/// <content>Inodes: attributes, references, deletion.</content>
public sealed partial class VaultFileSystem
{
    /// <summary>Reads an inode's attributes.</summary>
    public Errno GetAttributes(InodeNumber inode, out InodeAttributes attributes)
    {
        attributes = default;
        try
        {
            Errno outcome = GetRecord(inode, out InodeRecord record);
            if (outcome == Errno.None)
                attributes = record.ToAttributes(inode);
            return outcome;
        }
        catch (VaultException e)
        {
            return OutcomeOf(e);
        }
    }

    /// <summary>Changes attributes, all at once, and returns the new ones.</summary>
    public Errno SetAttributes(InodeNumber inode, in AttributeChange change, out InodeAttributes attributes)
    {
        attributes = default;
        if (_volume.RefusesChanges)
            return Errno.EROFS;
        try
        {
            Errno outcome = (change.Fields & AttributeChanges.Size) != 0
                ? Truncate(inode, change, out InodeRecord record)
                : ChangeRecord(inode, change, out record);
            if (outcome == Errno.None)
                attributes = record.ToAttributes(inode);
            AfterChange();
            return outcome;
        }
        catch (VaultException e)
        {
            return OutcomeOf(e);
        }
    }

    /// <summary>Adds a reference to an inode that an <see cref="IDirectorySink"/> was shown (READDIRPLUS). Takes no lock that a scan holds.</summary>
    public void AddReference(InodeNumber inode) => _references.Add(inode);

    /// <summary>Takes back references; deletes an unlinked inode at zero. Never blocks for long.</summary>
    public void Forget(InodeNumber inode, ulong count)
    {
        if (_references.Release(inode, count))
            Delete(inode);
    }

    private Errno Truncate(InodeNumber inode, in AttributeChange change, out InodeRecord record)
    {
        if (change.SizeBytes < 0)
        {
            record = default;
            return Errno.EINVAL;
        }

        AttributeChange copy = change;
        Timestamp now = _volume.Clock.Now;
        return _cutter.Truncate(inode, change.SizeBytes, (ref InodeRecord r) => Apply(copy, now, ref r), out record);
    }

    private Errno ChangeRecord(InodeNumber inode, in AttributeChange change, out InodeRecord record)
    {
        using TreeChange operation = _volume.BeginOperation();
        if (!_inodes.TryGet(inode, out record))
            return Errno.ENOENT;
        if (change.Fields == AttributeChanges.None)
            return Errno.None;
        Apply(change, _volume.Clock.Now, ref record);
        _inodes.Put(inode, record);
        operation.Complete();
        return Errno.None;
    }

    private static void Apply(in AttributeChange change, Timestamp now, ref InodeRecord record)
    {
        AttributeChanges fields = change.Fields;
        if ((fields & AttributeChanges.ClearSetIds) != 0)
            record.ClearSetIds();
        if ((fields & AttributeChanges.Mode) != 0)
            record.Mode = record.Type | (change.Mode & ModeBits.PermissionMask);
        if ((fields & AttributeChanges.UserId) != 0)
            record.UserId = change.UserId;
        if ((fields & AttributeChanges.GroupId) != 0)
            record.GroupId = change.GroupId;
        if ((fields & AttributeChanges.AccessTime) != 0)
            record.AccessTime = change.AccessTime;
        else if ((fields & AttributeChanges.AccessTimeNow) != 0)
            record.AccessTime = now;
        if ((fields & AttributeChanges.ModifyTime) != 0)
            record.ModifyTime = change.ModifyTime;
        else if ((fields & (AttributeChanges.ModifyTimeNow | AttributeChanges.Size)) != 0)
            record.ModifyTime = now;
        record.ChangeTime = (fields & AttributeChanges.ChangeTime) != 0 ? change.ChangeTime : now;
    }

    private Errno GetRecord(InodeNumber inode, out InodeRecord record)
    {
        _volume.Tree.Lock.EnterReadLock();
        try
        {
            return _inodes.TryGet(inode, out record) ? Errno.None : Errno.ENOENT;
        }
        finally
        {
            LeaveTree();
        }
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
                Purge(inode);
        }
        catch (VaultException e)
        {
            _ = OutcomeOf(e); // Nobody waits for an answer; the orphan table still has the inode.
        }
    }

    private void Purge(InodeNumber inode)
    {
        _cutter.Purge(inode, RemoveInode);
        AfterChange();
    }

    private void RemoveInode(InodeNumber inode)
    {
        if (!_inodes.TryGet(inode, out InodeRecord record))
            return;
        ReadOnlySpan<TableId> tables = [TableId.InlineData, TableId.SymlinkTargets, TableId.Orphans];
        foreach (TableId table in tables)
            _ = _volume.Tree.Contains(new TreeKey(table, inode.Value)); // a damaged page fails the deletion before its first change
        if ((record.Flags & InodeFlags.HasXattrs) != 0)
            _xattrs.RemoveAll(inode);
        foreach (TableId table in tables)
            _volume.Tree.Remove(new TreeKey(table, inode.Value));
        _inodes.Remove(inode);
        _volume.ForgetInode();
    }
}
