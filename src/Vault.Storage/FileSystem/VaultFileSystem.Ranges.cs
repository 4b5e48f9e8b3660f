namespace Vault.Storage;

/// <content>Ranges of files: allocation, holes, copies that share chunks.</content>
public sealed partial class VaultFileSystem
{
    /// <summary>Longest file in bytes.</summary>
    public const long MaxFileSize = FileWriter.MaxFileSize;

    /// <summary>
    /// What <c>fallocate(2)</c> does. <see cref="AllocationMode.Extend"/> reserves nothing, since what is overwritten later needs
    /// new space all the same: it fails if there is no space for the range now. Whole chunks that are zeroed are freed.
    /// </summary>
    /// <param name="inode">A regular file, else EISDIR or ENODEV.</param>
    /// <param name="offsetBytes">First byte; not negative.</param>
    /// <param name="lengthBytes">Above 0.</param>
    /// <param name="mode">EOPNOTSUPP for flags that are not defined here.</param>
    /// <param name="clearSetIds">Whether to clear set-user-id and set-group-id.</param>
    /// <returns>EFBIG if the range ends behind <see cref="MaxFileSize"/>; ENOSPC.</returns>
    public Errno Allocate(InodeNumber inode, long offsetBytes, long lengthBytes, AllocationMode mode, bool clearSetIds)
    {
        bool punches = (mode & (AllocationMode.PunchHole | AllocationMode.ZeroRange)) != 0;
        if (mode is not (AllocationMode.Extend or AllocationMode.KeepSize or AllocationMode.ZeroRange
            or (AllocationMode.PunchHole | AllocationMode.KeepSize) or (AllocationMode.ZeroRange | AllocationMode.KeepSize)))
        {
            return Errno.EOPNOTSUPP;
        }

        if (offsetBytes < 0 || lengthBytes <= 0)
            return Errno.EINVAL;
        if (_volume.RefusesChanges)
            return Errno.EROFS;
        try
        {
            Errno outcome = CheckAllocation(inode, offsetBytes, lengthBytes, needsSpace: !punches);
            if (outcome != Errno.None)
                return outcome;
            long end = offsetBytes + lengthBytes;
            Timestamp now = _volume.Clock.Now;
            FileCutter.RecordChange lastChange = (ref InodeRecord record) =>
            {
                if ((mode & AllocationMode.KeepSize) == 0)
                    record.Size = Math.Max(record.Size, end);
                if (!LeavesTimes)
                    record.ModifyTime = record.ChangeTime = now;
                if (clearSetIds)
                    record.ClearSetIds();
            };
            outcome = _puncher.Punch(inode, offsetBytes, punches ? end : offsetBytes, AfterChange, lastChange);
            if (outcome == Errno.ENOSPC && TryMakeRoom())
                outcome = _puncher.Punch(inode, offsetBytes, punches ? end : offsetBytes, AfterChange, lastChange);
            return outcome;
        }
        catch (VaultException e)
        {
            return OutcomeOf(e);
        }
    }

    /// <summary>What <c>lseek(2)</c> does with SEEK_DATA and SEEK_HOLE. Holes are whole chunks.</summary>
    /// <param name="inode">A regular file.</param>
    /// <param name="offsetBytes">Where the search begins.</param>
    /// <param name="target">EINVAL if it is none.</param>
    /// <param name="position">What was found.</param>
    /// <returns>ENXIO: there is no data any more, or the file ends at or before the offset.</returns>
    public Errno Seek(InodeNumber inode, long offsetBytes, SeekTarget target, out long position)
    {
        position = 0;
        if (target is not (SeekTarget.Data or SeekTarget.Hole))
            return Errno.EINVAL;
        if (offsetBytes < 0)
            return Errno.ENXIO;
        try
        {
            return _holes.Find(inode, offsetBytes, target == SeekTarget.Hole, out position);
        }
        catch (VaultException e)
        {
            return OutcomeOf(e);
        }
    }

    /// <summary>
    /// What <c>copy_file_range(2)</c> does. Where both offsets lie at the same place in a chunk, whole chunks are shared and not
    /// copied, the last one too if both files end with the range; holes become holes.
    /// </summary>
    /// <param name="source">A regular file, else EISDIR or EINVAL; so the destination.</param>
    /// <param name="sourceOffsetBytes">Not negative.</param>
    /// <param name="destination">May be the source; EINVAL if the ranges then overlap.</param>
    /// <param name="destinationOffsetBytes">Not negative.</param>
    /// <param name="lengthBytes">Not negative.</param>
    /// <param name="isWithinSource">Whether the source is at least as long as the range needs: what is not known of it is zeros.</param>
    /// <param name="clearSetIds">Whether the destination loses set-user-id and set-group-id.</param>
    /// <param name="copiedBytes">Perhaps less than asked for; 0 at the end of the source.</param>
    public Errno CopyRange(
        InodeNumber source, long sourceOffsetBytes, InodeNumber destination, long destinationOffsetBytes, long lengthBytes,
        bool isWithinSource, bool clearSetIds, out long copiedBytes)
    {
        copiedBytes = 0;
        if (_volume.RefusesChanges)
            return Errno.EROFS;
        if (sourceOffsetBytes < 0 || destinationOffsetBytes < 0 || lengthBytes < 0)
            return Errno.EINVAL;
        try
        {
            Errno outcome = GetRecord(source, out InodeRecord record);
            if (outcome != Errno.None)
                return outcome;
            if (!record.IsRegularFile)
                return record.IsDirectory ? Errno.EISDIR : Errno.EINVAL;
            outcome = GetRecord(destination, out InodeRecord target);
            if (outcome == Errno.None && target.IsRegularFile)
                outcome = Protection.CheckWrite(target, destinationOffsetBytes);
            if (outcome != Errno.None)
                return outcome;
            long end = isWithinSource ? MaxFileSize : record.Size;
            long length = Math.Min(lengthBytes, Math.Max(0, end - sourceOffsetBytes));
            if (length > 0 && destinationOffsetBytes >= MaxFileSize)
                return Errno.EFBIG;
            length = Math.Min(length, Math.Max(0, MaxFileSize - destinationOffsetBytes));
            if (source == destination && Math.Abs(sourceOffsetBytes - destinationOffsetBytes) < length)
                return Errno.EINVAL;
            if (length == 0)
                return Errno.None;
            CopiedRange range = new(source, sourceOffsetBytes, destination, destinationOffsetBytes, length, isWithinSource);
            outcome = _copier.Copy(range, clearSetIds, AfterChange, out copiedBytes);
            if (outcome == Errno.ENOSPC && TryMakeRoom())
                outcome = _copier.Copy(range, clearSetIds, AfterChange, out copiedBytes);
            AfterChange();
            return outcome;
        }
        catch (VaultException e)
        {
            return OutcomeOf(e);
        }
    }

    private Errno CheckAllocation(InodeNumber inode, long offset, long length, bool needsSpace)
    {
        Errno outcome = GetRecord(inode, out InodeRecord record);
        if (outcome != Errno.None)
            return outcome;
        if (!record.IsRegularFile)
            return record.IsDirectory ? Errno.EISDIR : Errno.ENODEV;
        if (record.IsImmutable || (record.IsAppendOnly && !needsSpace))
            return Errno.EPERM;
        if (offset > MaxFileSize - length)
            return Errno.EFBIG;
        long needed = ((length + ContainerLayout.BlockSize - 1) / ContainerLayout.BlockSize) - record.DataBlocks; // it may have them all in the range
        return needsSpace && needed > GetStatistics().AvailableBlocks ? Errno.ENOSPC : Errno.None;
    }
}
