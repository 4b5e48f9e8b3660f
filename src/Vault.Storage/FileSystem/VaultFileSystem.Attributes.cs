namespace Vault.Storage;

/// <content>Attributes of inodes.</content>
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

    private Errno Truncate(InodeNumber inode, in AttributeChange change, out InodeRecord record)
    {
        if (change.SizeBytes < 0)
        {
            record = default;
            return Errno.EINVAL;
        }

        Errno refused = GetRecord(inode, out record);
        if (refused == Errno.None)
            refused = Protection.CheckAttributes(record, change);
        if (refused != Errno.None)
            return refused;
        AttributeChange copy = change;
        Timestamp now = _volume.Clock.Now;
        return _cutter.Truncate(inode, change.SizeBytes, AfterChange, (ref InodeRecord r) => Apply(inode, copy, now, ref r), out record);
    }

    private Errno ChangeRecord(InodeNumber inode, in AttributeChange change, out InodeRecord record)
    {
        using TreeChange operation = _volume.BeginOperation();
        if (!_inodes.TryGet(inode, out record))
            return Errno.ENOENT;
        if (change.Fields == AttributeChanges.None)
            return Errno.None;
        if (Protection.CheckAttributes(record, change) is var refused and not Errno.None)
            return refused;
        Apply(inode, change, _volume.Clock.Now, ref record);
        _inodes.Put(inode, record);
        operation.Complete();
        return Errno.None;
    }

    // In a tree section.
    private void Apply(InodeNumber inode, in AttributeChange change, Timestamp now, ref InodeRecord record)
    {
        AttributeChanges fields = change.Fields;
        if ((fields & AttributeChanges.ClearSetIds) != 0 && !record.IsDirectory)
            record.ClearSetIds();
        if ((fields & AttributeChanges.Mode) != 0)
        {
            record.Mode = record.Type | (change.Mode & ModeBits.PermissionMask);
            UpdateAcl(inode, record);
        }

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
}
