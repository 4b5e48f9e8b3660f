namespace Vault.Storage;

/// <summary>
/// What immutable and append-only inodes refuse, to root too: as the kernel has it for its own file systems (may_delete, may_create,
/// may_setattr, xattr_permission). It knows nothing of these flags in a FUSE file system, so that all of it is done here.
/// </summary>
internal static class Protection
{
    /// <summary>Whether something may be made in a directory.</summary>
    public static Errno CheckAddition(in InodeRecord directory) => directory.IsImmutable ? Errno.EPERM : Errno.None;

    /// <summary>Whether a name may be taken from a directory and an inode.</summary>
    public static Errno CheckRemoval(in InodeRecord directory, in InodeRecord record) =>
        directory.IsProtected || record.IsProtected ? Errno.EPERM : Errno.None;

    /// <summary>Whether an inode may get another name, or an extended attribute.</summary>
    public static Errno CheckChange(in InodeRecord record) => record.IsProtected ? Errno.EPERM : Errno.None;

    /// <summary>Whether somebody may write content at an offset.</summary>
    public static Errno CheckWrite(in InodeRecord record, long offsetBytes) =>
        record.IsImmutable || (record.IsAppendOnly && offsetBytes < record.Size) ? Errno.EPERM : Errno.None;

    /// <summary>Whether attributes may be changed.</summary>
    public static Errno CheckAttributes(in InodeRecord record, in AttributeChange change)
    {
        const AttributeChanges Refused = AttributeChanges.Mode | AttributeChanges.UserId | AttributeChanges.GroupId | AttributeChanges.Size;
        if (!record.IsProtected)
            return Errno.None;
        if ((change.Fields & Refused) != 0)
            return Errno.EPERM;
        if ((change.Fields & AttributeChanges.ClearSetIds) != 0 || IsTouch(change))
            return record.IsImmutable ? Errno.EPERM : Errno.None;
        return IsOfWriteback(record, change) ? Errno.None : Errno.EPERM;
    }

    // utimes() to now: the writeback cache has a now of its own, which is the change time too.
    private static bool IsTouch(in AttributeChange change)
    {
        const AttributeChanges Kernels = AttributeChanges.ModifyTime | AttributeChanges.ChangeTime;
        bool isNow = (change.Fields & AttributeChanges.ModifyTimeNow) != 0
            || ((change.Fields & Kernels) == Kernels && change.ModifyTime == change.ChangeTime);
        return (change.Fields & AttributeChanges.AccessTimeNow) != 0 && isNow;
    }

    // The kernel hands in the times of what it had accepted before the flag was set: forward, and to no time that is yet to come.
    private static bool IsOfWriteback(in InodeRecord record, in AttributeChange change)
    {
        const AttributeChanges Asked = AttributeChanges.AccessTime | AttributeChanges.AccessTimeNow | AttributeChanges.ModifyTimeNow;
        if ((change.Fields & Asked) != 0)
            return false;
        if ((change.Fields & AttributeChanges.ModifyTime) == 0)
            return true;
        return (change.Fields & AttributeChanges.ChangeTime) != 0
            && !change.ModifyTime.IsBefore(record.ModifyTime)
            && (change.ModifyTime == record.ModifyTime || !change.ChangeTime.IsBefore(change.ModifyTime));
    }
}
