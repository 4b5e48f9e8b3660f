namespace Vault.Storage;

/// <summary>
/// The file system kept in a vault: inode-based, safe for concurrent use. Outcomes are values; an exception is a
/// bug of ours. A lookup, creation or link that succeeds adds one reference to the inode; an unlinked inode lives
/// until <see cref="Forget"/> takes the last one. Names are 1 to 255 bytes without '/' and NUL; longer ones are
/// ENAMETOOLONG. The caller checks permissions (the kernel, by default_permissions).
/// </summary>
public sealed class VaultFileSystem : IDisposable
{
    /// <summary>Whether changes are refused (EROFS).</summary>
    public bool IsReadOnly => throw new NotImplementedException();

    /// <summary>Finds a name in a directory and adds a reference to what it names. Knows "." and ".." too.</summary>
    public Errno Lookup(InodeNumber parent, ReadOnlySpan<byte> name, out InodeAttributes attributes) => throw new NotImplementedException();

    /// <summary>Takes back references; deletes an unlinked inode at zero. Never blocks for long.</summary>
    public void Forget(InodeNumber inode, ulong count) => throw new NotImplementedException();

    /// <summary>Adds a reference to an inode that an <see cref="IDirectorySink"/> was shown (READDIRPLUS). Takes no lock that a scan holds.</summary>
    public void AddReference(InodeNumber inode) => throw new NotImplementedException();

    /// <summary>Reads an inode's attributes.</summary>
    public Errno GetAttributes(InodeNumber inode, out InodeAttributes attributes) => throw new NotImplementedException();

    /// <summary>Changes attributes, all at once, and returns the new ones.</summary>
    public Errno SetAttributes(InodeNumber inode, in AttributeChange change, out InodeAttributes attributes) => throw new NotImplementedException();

    /// <summary>Reads a symlink's target. EINVAL if it is none.</summary>
    public Errno ReadLink(InodeNumber inode, Span<byte> target, out int length) => throw new NotImplementedException();

    /// <summary>
    /// Creates a file, directory, fifo, socket or device (by the type in <paramref name="mode"/>). Under a set-group-id
    /// parent the group, and for directories the bit, are inherited.
    /// </summary>
    public Errno CreateNode(InodeNumber parent, ReadOnlySpan<byte> name, uint mode, uint userId, uint groupId, uint deviceNumber, out InodeAttributes attributes) => throw new NotImplementedException();

    /// <summary>Creates a symlink. The target is 1 to 4095 bytes.</summary>
    public Errno CreateSymlink(InodeNumber parent, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, uint userId, uint groupId, out InodeAttributes attributes) => throw new NotImplementedException();

    /// <summary>Adds a name to an inode (EPERM for a directory).</summary>
    public Errno Link(InodeNumber inode, InodeNumber newParent, ReadOnlySpan<byte> newName, out InodeAttributes attributes) => throw new NotImplementedException();

    /// <summary>Removes a name that is not a directory's (EISDIR).</summary>
    public Errno Unlink(InodeNumber parent, ReadOnlySpan<byte> name) => throw new NotImplementedException();

    /// <summary>Removes an empty directory.</summary>
    public Errno RemoveDirectory(InodeNumber parent, ReadOnlySpan<byte> name) => throw new NotImplementedException();

    /// <summary>Renames atomically, replacing a target as POSIX has it.</summary>
    public Errno Rename(InodeNumber oldParent, ReadOnlySpan<byte> oldName, InodeNumber newParent, ReadOnlySpan<byte> newName, RenameMode mode) => throw new NotImplementedException();

    /// <summary>Reads from a file. Short only at the end of the file; holes are zeros.</summary>
    /// <param name="inode">A regular file.</param>
    /// <param name="offsetBytes">From the start of the file; not negative.</param>
    /// <param name="destination">Chunks are opened straight into it.</param>
    /// <param name="count">Bytes read.</param>
    /// <returns>EIO if a chunk in the range does not authenticate.</returns>
    public Errno Read(InodeNumber inode, long offsetBytes, Span<byte> destination, out int count) => throw new NotImplementedException();

    /// <summary>Writes all of <paramref name="data"/> or fails. Extends the file if needed.</summary>
    /// <param name="inode">A regular file.</param>
    /// <param name="offsetBytes">From the start of the file; not negative.</param>
    /// <param name="data">Sealed straight from here where it covers whole chunks.</param>
    /// <param name="updateTimes">Whether modification and change time become now (not when the kernel owns them: writeback cache).</param>
    /// <param name="clearSetIds">Whether to clear set-user-id and set-group-id (FUSE_WRITE_KILL_SUIDGID).</param>
    public Errno Write(InodeNumber inode, long offsetBytes, ReadOnlySpan<byte> data, bool updateTimes, bool clearSetIds) => throw new NotImplementedException();

    /// <summary>Returns when all changes made before the call are durable. Concurrent calls share one commit.</summary>
    public Errno Sync() => throw new NotImplementedException();

    /// <summary>Scans a directory from <paramref name="cookie"/> (0: from the start, "." and ".." first).</summary>
    /// <param name="inode">A directory.</param>
    /// <param name="cookie">0, or the cookie of the last entry taken.</param>
    /// <param name="withAttributes">Whether the sink is given full attributes.</param>
    /// <param name="sink">Receives the entries.</param>
    public Errno ReadDirectory<TSink>(InodeNumber inode, ulong cookie, bool withAttributes, ref TSink sink)
        where TSink : IDirectorySink, allows ref struct => throw new NotImplementedException();

    /// <summary>Reads an extended attribute. With an empty span only its length; ERANGE if it does not fit; ENODATA if missing.</summary>
    public Errno GetXattr(InodeNumber inode, ReadOnlySpan<byte> name, Span<byte> value, out int length) => throw new NotImplementedException();

    /// <summary>Sets an extended attribute; values up to 65,536 bytes.</summary>
    public Errno SetXattr(InodeNumber inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, XattrMode mode) => throw new NotImplementedException();

    /// <summary>Lists names, each ended by NUL. With an empty span only the length; ERANGE if it does not fit.</summary>
    public Errno ListXattr(InodeNumber inode, Span<byte> names, out int length) => throw new NotImplementedException();

    /// <summary>Removes an extended attribute (ENODATA if missing).</summary>
    public Errno RemoveXattr(InodeNumber inode, ReadOnlySpan<byte> name) => throw new NotImplementedException();

    /// <summary>Reads what <c>statfs(2)</c> tells.</summary>
    public FileSystemStatistics GetStatistics() => throw new NotImplementedException();

    /// <summary>Commits what is left, closes the medium, wipes the keys. After it every call is a bug.</summary>
    /// <exception cref="VaultException">The last commit failed: what was not synced before is lost, what was is there.</exception>
    public void Close() => throw new NotImplementedException();

    /// <summary>Closes without a commit if <see cref="Close"/> was not called.</summary>
    public void Dispose() => throw new NotImplementedException();
}
