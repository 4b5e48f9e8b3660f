namespace Vault.Storage;

/// <content>File content and symlink targets.</content>
public sealed partial class VaultFileSystem
{
    /// <summary>Longest symlink target in bytes (PATH_MAX less its NUL).</summary>
    public const int MaxSymlinkLength = 4095;

    /// <summary>
    /// Whether times of regular files are set by whoever changes their content: writing, allocating and copying ranges then leave
    /// them alone. A kernel with the writeback cache tells its own, unless they are what it was told last: a time of ours, a moment
    /// later, would stay.
    /// </summary>
    public bool LeavesTimes
    {
        get => _volume.LeavesTimes;
        set => _volume.LeavesTimes = value;
    }

    /// <summary>Reads from a file. Short only at the end of the file; holes are zeros.</summary>
    /// <param name="inode">A regular file.</param>
    /// <param name="offsetBytes">From the start of the file; not negative.</param>
    /// <param name="destination">Chunks are opened straight into it; what lies behind <paramref name="count"/> is unspecified afterwards.</param>
    /// <param name="count">Bytes read.</param>
    /// <returns>EIO if a chunk in the range does not authenticate.</returns>
    public Errno Read(InodeNumber inode, long offsetBytes, Span<byte> destination, out int count)
    {
        count = 0;
        if (offsetBytes < 0)
            return Errno.EINVAL;
        if (offsetBytes > FileWriter.MaxFileSize)
            return Errno.None;
        try
        {
            Errno outcome = _reader.Read(inode, offsetBytes, destination, out count);
            if (_volume.Tree.ShouldRecycle)
                RecyclePages();
            return outcome;
        }
        catch (VaultException e)
        {
            count = 0;
            return OutcomeOf(e);
        }
    }

    /// <summary>Writes all of <paramref name="data"/> or fails. Extends the file if needed.</summary>
    /// <param name="inode">A regular file.</param>
    /// <param name="offsetBytes">From the start of the file; not negative.</param>
    /// <param name="data">Sealed straight from here where it covers whole chunks.</param>
    /// <param name="updateTimes">Whether modification and change time become now, unless <see cref="LeavesTimes"/>; not for what a kernel writes back, which it accepted before.</param>
    /// <param name="clearSetIds">Whether to clear set-user-id and set-group-id (FUSE_WRITE_KILL_SUIDGID).</param>
    public Errno Write(InodeNumber inode, long offsetBytes, ReadOnlySpan<byte> data, bool updateTimes, bool clearSetIds)
    {
        if (_volume.RefusesChanges)
            return Errno.EROFS;
        if (offsetBytes < 0)
            return Errno.EINVAL;
        try
        {
            Errno outcome = _writer.Write(inode, offsetBytes, data, updateTimes, clearSetIds);
            if (outcome == Errno.ENOSPC && TryMakeRoom())
                outcome = _writer.Write(inode, offsetBytes, data, updateTimes, clearSetIds);
            AfterChange();
            return outcome;
        }
        catch (VaultException e)
        {
            return OutcomeOf(e);
        }
    }

    /// <summary>Reads a symlink's target. EINVAL if it is none.</summary>
    /// <param name="inode">A symlink.</param>
    /// <param name="target">At least <see cref="MaxSymlinkLength"/> bytes, else ERANGE where it does not fit.</param>
    /// <param name="length">Bytes of the target.</param>
    public Errno ReadLink(InodeNumber inode, Span<byte> target, out int length)
    {
        length = 0;
        try
        {
            _volume.Tree.Lock.EnterReadLock();
            try
            {
                if (!_inodes.TryGet(inode, out InodeRecord record))
                    return Errno.ENOENT;
                if (record.Type != ModeBits.SymbolicLink)
                    return Errno.EINVAL;
                if (record.Size > target.Length)
                    return Errno.ERANGE;
                return _volume.Tree.TryGet(new TreeKey(TableId.SymlinkTargets, inode.Value), target, out length) ? Errno.None : Errno.EIO;
            }
            finally
            {
                LeaveTree();
            }
        }
        catch (VaultException e)
        {
            return OutcomeOf(e);
        }
    }

    // Who only reads gives evicted pages back too: else a scan of a vault larger than the cache keeps them all.
    private void LeaveTree()
    {
        _volume.Tree.Lock.ExitReadLock();
        if (_volume.Tree.ShouldRecycle)
            RecyclePages();
    }

    private void RecyclePages()
    {
        _volume.Tree.Lock.EnterWriteLock();
        try
        {
            _volume.Tree.Recycle();
        }
        finally
        {
            _volume.Tree.Lock.ExitWriteLock();
        }
    }
}
