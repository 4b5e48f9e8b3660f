namespace Vault.Storage;

/// <content>Looking names up and listing them.</content>
public sealed partial class VaultFileSystem
{
    /// <summary>
    /// Finds a name in a directory and adds a reference to what it names. Knows ".." too; "." is the inode itself, which may be no
    /// directory then (ENOENT if it has no name any more).
    /// </summary>
    public Errno Lookup(InodeNumber parent, ReadOnlySpan<byte> name, out InodeAttributes attributes)
    {
        attributes = default;
        Errno check = CheckName(name);
        if (check != Errno.None)
            return check;
        try
        {
            HashedName hashed = _directories.Hash(name);
            _volume.Tree.Lock.EnterReadLock();
            try
            {
                Errno outcome = Find(parent, hashed, out InodeNumber inode, out InodeRecord record);
                if (outcome != Errno.None)
                    return outcome;
                attributes = record.ToAttributes(inode);
                _references.Add(inode); // before the lock goes: nobody can delete it meanwhile
                return Errno.None;
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

    /// <summary>Scans a directory from <paramref name="cookie"/> (0: from the start, "." and ".." first).</summary>
    /// <param name="inode">A directory.</param>
    /// <param name="cookie">0, or the cookie of the last entry taken.</param>
    /// <param name="withAttributes">Whether the sink is given full attributes.</param>
    /// <param name="sink">Receives the entries.</param>
    public Errno ReadDirectory<TSink>(InodeNumber inode, ulong cookie, bool withAttributes, ref TSink sink)
        where TSink : IDirectorySink, allows ref struct
    {
        try
        {
            _volume.Tree.Lock.EnterReadLock();
            try
            {
                Errno outcome = GetDirectory(inode, out InodeRecord directory);
                if (outcome != Errno.None)
                    return outcome;
                if (cookie < DirectoryTable.DotCookie && !sink.TryAdd(DirectoryTable.DotCookie, "."u8, TypeOnly(inode, ModeBits.Directory)))
                    return Errno.None;
                if (cookie < DirectoryTable.DotDotCookie
                    && !sink.TryAdd(DirectoryTable.DotDotCookie, ".."u8, TypeOnly(new InodeNumber(directory.Parent), ModeBits.Directory)))
                {
                    return Errno.None;
                }

                return ScanEntries(inode, cookie, withAttributes, ref sink);
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

    private static Errno CheckName(ReadOnlySpan<byte> name)
    {
        if (name.Length > DirectoryTable.MaxNameLength)
            return Errno.ENAMETOOLONG;
        return name.IsEmpty || name.ContainsAny((byte)'/', (byte)0) ? Errno.EINVAL : Errno.None;
    }

    private static bool IsDots(ReadOnlySpan<byte> name) => name.SequenceEqual("."u8) || name.SequenceEqual(".."u8);

    private static InodeAttributes TypeOnly(InodeNumber inode, uint type) => new() { Inode = inode, Mode = type };

    private Errno Find(InodeNumber parent, HashedName name, out InodeNumber inode, out InodeRecord record)
    {
        inode = parent;
        if (name.Bytes.SequenceEqual("."u8))
            return _inodes.TryGet(parent, out record) && record.LinkCount > 0 ? Errno.None : Errno.ENOENT;
        Errno outcome = GetDirectory(parent, out record);
        if (outcome != Errno.None)
            return outcome;
        if (name.Bytes.SequenceEqual(".."u8))
            inode = new InodeNumber(record.Parent);
        else if (_directories.TryFind(parent, name, out DirectoryEntry entry))
            inode = entry.Inode;
        else
            return Errno.ENOENT;
        return _inodes.TryGet(inode, out record) ? Errno.None : Errno.EIO;
    }

    private Errno ScanEntries<TSink>(InodeNumber inode, ulong cookie, bool withAttributes, ref TSink sink)
        where TSink : IDirectorySink, allows ref struct
    {
        TreeScan scan = _directories.ScanFrom(inode, cookie);
        while (scan.MoveNext() && DirectoryTable.IsEntryOf(scan.Key, inode))
        {
            ulong item = scan.Key.Item;
            DirectoryEntry entry = DirectoryTable.Decode(item, scan.Value);
            InodeAttributes attributes = withAttributes ? AttributesOf(entry) : TypeOnly(entry.Inode, entry.Type);
            if (!sink.TryAdd(item, DirectoryTable.NameOf(scan.Value), attributes))
                break;
        }

        return Errno.None;
    }

    // A name whose inode is damaged is listed all the same, without attributes: who asks for the inode gets the error.
    private InodeAttributes AttributesOf(in DirectoryEntry entry)
    {
        try
        {
            if (_inodes.TryGet(entry.Inode, out InodeRecord record))
                return record.ToAttributes(entry.Inode);
        }
        catch (VaultException e)
        {
            _ = OutcomeOf(e);
        }

        return TypeOnly(entry.Inode, entry.Type);
    }

    // The caller holds the tree's lock.
    private Errno GetDirectory(InodeNumber inode, out InodeRecord record)
    {
        if (!_inodes.TryGet(inode, out record))
            return Errno.ENOENT;
        return record.IsDirectory ? Errno.None : Errno.ENOTDIR;
    }
}
