namespace Vault.Storage;

/// <content>Renaming.</content>
public sealed partial class VaultFileSystem
{
    /// <summary>Renames atomically, replacing a target as POSIX has it.</summary>
    public Errno Rename(InodeNumber oldParent, ReadOnlySpan<byte> oldName, InodeNumber newParent, ReadOnlySpan<byte> newName, RenameMode mode)
    {
        Errno check = CheckRename(oldName, newName, mode);
        if (check != Errno.None)
            return check;
        HashedName from = _directories.Hash(oldName);
        HashedName to = _directories.Hash(newName);
        bool isDead = false;
        InodeNumber replaced = default;
        try
        {
            using TreeChange change = _volume.BeginOperation();
            Errno outcome = FindSource(oldParent, from, out InodeRecord oldDirectory, out DirectoryEntry source, out InodeRecord moved);
            if (outcome != Errno.None)
                return outcome;
            outcome = GetDirectory(newParent, out InodeRecord newDirectory);
            if (outcome != Errno.None)
                return outcome;
            if (newDirectory.LinkCount == 0)
                return Errno.ENOENT;
            if (moved.IsDirectory && newParent != oldParent && newDirectory.LinkCount >= MaxSubdirectories)
                return Errno.EMLINK;
            bool exists = _directories.TryFind(newParent, to, out DirectoryEntry target, out ulong freeItem);
            outcome = Protection.CheckRemoval(oldDirectory, moved);
            if (outcome == Errno.None && !exists)
                outcome = Protection.CheckAddition(newDirectory);
            if (outcome == Errno.None)
                outcome = CheckTarget(mode, source, moved, oldParent, newParent, newDirectory, exists, target, freeItem);
            if (outcome != Errno.None)
                return outcome;
            if (exists && target.Inode == source.Inode)
                return Errno.None; // two names of one inode: POSIX does nothing
            Timestamp now = _volume.Clock.Now;
            if ((mode & RenameMode.Exchange) != 0)
            {
                Exchange(oldParent, from, source, newParent, to, target, now);
            }
            else
            {
                replaced = target.Inode;
                isDead = Move(oldParent, from, source, moved, newParent, to, exists ? target : null, freeItem, mode, now);
            }

            change.Complete();
            return Errno.None;
        }
        catch (VaultException e)
        {
            return OutcomeOf(e);
        }
        finally
        {
            if (isDead)
                Delete(replaced);
            AfterChange();
        }
    }

    private Errno CheckRename(ReadOnlySpan<byte> oldName, ReadOnlySpan<byte> newName, RenameMode mode)
    {
        const RenameMode Known = RenameMode.NoReplace | RenameMode.Exchange | RenameMode.Whiteout;
        if ((mode & ~Known) != 0 || ((mode & RenameMode.Exchange) != 0 && mode != RenameMode.Exchange))
            return Errno.EINVAL;
        Errno check = CheckName(oldName);
        if (check == Errno.None)
            check = CheckName(newName);
        if (check != Errno.None)
            return check;
        if (IsDots(oldName) || IsDots(newName))
            return Errno.EBUSY;
        return _volume.RefusesChanges ? Errno.EROFS : Errno.None;
    }

    private Errno FindSource(InodeNumber parent, HashedName name, out InodeRecord directory, out DirectoryEntry source, out InodeRecord moved)
    {
        source = default;
        moved = default;
        Errno outcome = GetDirectory(parent, out directory);
        if (outcome != Errno.None)
            return outcome;
        if (!_directories.TryFind(parent, name, out source))
            return Errno.ENOENT;
        return _inodes.TryGet(source.Inode, out moved) ? Errno.None : Errno.EIO;
    }

    private Errno CheckTarget(
        RenameMode mode, in DirectoryEntry source, in InodeRecord moved, InodeNumber oldParent, InodeNumber newParent, in InodeRecord newDirectory,
        bool exists, in DirectoryEntry target, ulong freeItem)
    {
        if (moved.IsDirectory && IsWithin(newParent, source.Inode))
            return Errno.EINVAL;
        if (!exists)
        {
            if ((mode & RenameMode.Exchange) != 0)
                return Errno.ENOENT;
            if (freeItem == 0)
                return Errno.ENOSPC;
            return _volume.Space.HasMetadataRoom() ? Errno.None : Errno.ENOSPC;
        }

        if ((mode & RenameMode.NoReplace) != 0)
            return Errno.EEXIST;
        if ((mode & RenameMode.Exchange) != 0 && target.Type == ModeBits.Directory && IsWithin(oldParent, target.Inode))
            return Errno.EINVAL;
        if (target.Inode == source.Inode)
            return Errno.None;
        if (!_inodes.TryGet(target.Inode, out InodeRecord replaced))
            return Errno.EIO;
        return (mode & RenameMode.Exchange) != 0
            ? Protection.CheckRemoval(newDirectory, replaced)
            : CheckRemoval(newDirectory, target.Inode, replaced, moved.IsDirectory);
    }

    // Whether a directory lies in another one's tree (or is it): such a move would cut a loop off the root.
    private bool IsWithin(InodeNumber directory, InodeNumber ancestor)
    {
        InodeNumber mark = directory; // set again after 64, 128, ... steps: who comes past it goes round in circles
        for (long steps = 1, nextMark = 64; directory != ancestor; steps++)
        {
            if (directory == InodeNumber.Root || !_inodes.TryGet(directory, out InodeRecord record))
                return false;
            directory = new InodeNumber(record.Parent);
            if (directory == mark)
                throw new VaultCorruptionException(new CorruptionSite("inode record", 0, "parent"));
            if (steps != nextMark)
                continue;
            mark = directory;
            nextMark *= 2;
        }

        return true;
    }

    private bool Move(
        InodeNumber oldParent, HashedName from, in DirectoryEntry source, InodeRecord moved,
        InodeNumber newParent, HashedName to, DirectoryEntry? target, ulong freeItem, RenameMode mode, Timestamp now)
    {
        bool isDead = false;
        int newEntries = 1;
        int newSubdirectories = moved.IsDirectory ? 1 : 0;
        if (target is { } replaced)
        {
            _inodes.TryGet(replaced.Inode, out InodeRecord record);
            newEntries = 0;
            newSubdirectories -= record.IsDirectory ? 1 : 0;
            isDead = DropLink(replaced.Inode, record, now);
        }

        _directories.Remove(oldParent, source.Item);
        _directories.Put(newParent, target?.Item ?? freeItem, to, source.Inode, moved.Mode);
        int oldEntries = -1;
        if ((mode & RenameMode.Whiteout) != 0)
        {
            PutWhiteout(oldParent, source.Item, from);
            oldEntries = 0;
        }

        Touch(oldParent, oldEntries, moved.IsDirectory ? -1 : 0, now);
        Touch(newParent, newEntries, newSubdirectories, now);
        moved.ChangeTime = now;
        if (moved.IsDirectory)
            moved.Parent = newParent.Value;
        _inodes.Put(source.Inode, moved);
        return isDead;
    }

    private void Exchange(
        InodeNumber oldParent, HashedName from, in DirectoryEntry source, InodeNumber newParent, HashedName to, in DirectoryEntry target, Timestamp now)
    {
        _directories.Put(oldParent, source.Item, from, target.Inode, target.Type);
        _directories.Put(newParent, target.Item, to, source.Inode, source.Type);
        int movedOut = source.Type == ModeBits.Directory ? 1 : 0;
        int movedIn = target.Type == ModeBits.Directory ? 1 : 0;
        Touch(oldParent, 0, movedIn - movedOut, now);
        Touch(newParent, 0, movedOut - movedIn, now);
        SetParent(source.Inode, newParent, now);
        SetParent(target.Inode, oldParent, now);
    }

    private void SetParent(InodeNumber inode, InodeNumber parent, Timestamp now)
    {
        _inodes.TryGet(inode, out InodeRecord record);
        record.ChangeTime = now;
        if (record.IsDirectory)
            record.Parent = parent.Value;
        _inodes.Put(inode, record);
    }

    // overlayfs's mark of a deleted lower file: a character device 0:0.
    private void PutWhiteout(InodeNumber parent, ulong item, HashedName name)
    {
        InodeNumber inode = _volume.NewInode();
        InodeRecord record = RecordOf(new NewNode { Mode = ModeBits.CharacterDevice }, linkCount: 1);
        AddInode(inode, record);
        _directories.Put(parent, item, name, inode, record.Mode);
    }

    private void Touch(InodeNumber directory, int entries, int subdirectories, Timestamp now)
    {
        _inodes.TryGet(directory, out InodeRecord record);
        record.AddEntries(entries, subdirectories);
        record.ModifyTime = record.ChangeTime = now;
        _inodes.Put(directory, record);
    }
}
