namespace Vault.Storage;

/// <content>Access times.</content>
public sealed partial class VaultFileSystem
{
    private const long SecondsPerDay = 24 * 60 * 60;

    /// <summary>
    /// Somebody has read a file, a directory or a symlink: its access time becomes now where the rule says so. Never fails: reading goes on where
    /// nothing may be written, or there is no room.
    /// </summary>
    public void NoteAccess(InodeNumber inode, AccessTimes rule)
    {
        if (rule == AccessTimes.Never || _volume.RefusesChanges)
            return;
        Timestamp now = _volume.Clock.Now;
        try
        {
            if (GetRecord(inode, out InodeRecord record) != Errno.None || !MovesAccessTime(record, rule, now) || !_volume.Space.HasMetadataRoom())
                return;
            using (TreeChange change = _volume.BeginOperation())
            {
                if (!_inodes.TryGet(inode, out record))
                    return;
                record.AccessTime = now;
                _inodes.Put(inode, record);
                change.Complete();
            }

            AfterChange();
        }
        catch (VaultException e)
        {
            _ = OutcomeOf(e);
        }
    }

    private static bool MovesAccessTime(in InodeRecord record, AccessTimes rule, Timestamp now)
    {
        if ((record.AttributeFlags & AttributeFlags.NoAccessTime) != 0 || record.AccessTime == now)
            return false;
        return rule == AccessTimes.Strict
            || !record.ModifyTime.IsBefore(record.AccessTime)
            || !record.ChangeTime.IsBefore(record.AccessTime)
            || unchecked(now.Seconds - record.AccessTime.Seconds) >= SecondsPerDay;
    }
}
