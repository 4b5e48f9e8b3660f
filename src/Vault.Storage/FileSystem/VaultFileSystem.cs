using Microsoft.Extensions.Logging;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// The file system kept in a vault: inode-based, safe for concurrent use. Outcomes are values; an exception is a
/// bug of ours. A lookup, creation or link that succeeds adds one reference to the inode; an unlinked inode lives
/// until <see cref="Forget"/> takes the last one. Names are 1 to 255 bytes without '/' and NUL; longer ones are
/// ENAMETOOLONG. The caller checks permissions (the kernel, by default_permissions).
/// </summary>
public sealed partial class VaultFileSystem : IDisposable
{
    /// <summary>An inode with more blocks than this is deleted in the background.</summary>
    private const long MaxBlocksToDeleteInline = 2048;

    /// <summary>As ext4 has it.</summary>
    private const uint MaxLinkCount = 65000;

    /// <summary>Link count of a directory; ext4 has no limit there either, and stops counting.</summary>
    private const uint MaxSubdirectories = uint.MaxValue;

    private readonly Volume _volume;
    private readonly SuperblockRing _ring;
    private readonly VaultHeader _header;
    private readonly InodeTable _inodes;
    private readonly DirectoryTable _directories;
    private readonly XattrTable _xattrs;
    private readonly LostContent _lost;
    private readonly DirtyData _dirty;
    private readonly FileReader _reader;
    private readonly FileWriter _writer;
    private readonly FileCutter _cutter;
    private readonly HolePuncher _puncher;
    private readonly HoleFinder _holes;
    private readonly FileCopier _copier;
    private readonly Committer _committer;
    private readonly IntentLog? _log;
    private readonly OrphanReaper? _reaper;
    private readonly InodeReferences _references = new();
    private readonly int _softDirtyPages;
    private bool _hasProtectedInodes;
    private bool _isClosed;

    internal VaultFileSystem(Volume volume, SuperblockRing ring, Superblock opened, LogScan log, VaultHeader header, VaultOpenOptions options)
    {
        _volume = volume;
        _ring = ring;
        _header = header;
        _inodes = new InodeTable(volume.Tree);
        _directories = new DirectoryTable(volume.Tree, volume.Cipher);
        _xattrs = new XattrTable(volume.Tree, volume.Cipher);
        _lost = new LostContent(volume.Tree);
        ChunkTable chunks = new(volume.Tree);
        _dirty = new DirtyData(volume, _inodes, chunks, options.DirtyDataBytes);
        _reader = new FileReader(volume, _dirty, _inodes, chunks);
        ContentAccess content = new(volume, _dirty, _inodes, chunks);
        _writer = new FileWriter(volume, _dirty, content, _inodes, chunks);
        _cutter = new FileCutter(volume, _dirty, content, _inodes, chunks);
        _puncher = new HolePuncher(volume, _dirty, content, _inodes, chunks);
        _holes = new HoleFinder(volume, _dirty, _inodes);
        _copier = new FileCopier(volume, new ChunkSharer(volume, _dirty, content, _inodes, chunks), _reader, _writer);
        _softDirtyPages = (int)(options.PageCacheBytes / ContainerLayout.PageSize / 2);
        Replay(content, log);
        if (!volume.IsReadOnly)
            _log = new IntentLog(volume, _dirty, opened.Generation, log.Segments, options.Random);
        _committer = new Committer(volume, _dirty, ring, _log, opened, header.Sequence, options);
        if (volume.IsReadOnly)
            return;
        _hasProtectedInodes = ReadHasProtectedInodes();
        _reaper = new OrphanReaper(NextLeftover, Purge, volume.Logger, options.BackgroundThreads);
    }

    /// <summary>Whether changes are refused (EROFS).</summary>
    public bool IsReadOnly => _volume.RefusesChanges;

    /// <summary>The newest generation that is durable.</summary>
    public ulong DurableGeneration => _committer.DurableGeneration;

    private void Replay(ContentAccess content, LogScan log)
    {
        bool isDone = false;
        try
        {
            new LogReplay(_volume, _dirty, content, log).Run();
            isDone = true;
        }
        finally
        {
            if (!isDone)
                _dirty.Discard(); // plaintext
        }
    }

    /// <summary>Returns when all changes made before the call are durable. Concurrent calls share what it takes.</summary>
    public Errno Sync()
    {
        if (_volume.IsReadOnly)
            return Errno.None;
        try
        {
            _log!.Sync(_committer);
            return Errno.None;
        }
        catch (VaultException e)
        {
            return OutcomeOf(e);
        }
    }

    /// <summary>As <see cref="Sync"/>, by a commit: the state is on the medium without a log.</summary>
    internal Errno Commit()
    {
        try
        {
            _committer.Sync();
            return Errno.None;
        }
        catch (VaultException e)
        {
            return OutcomeOf(e);
        }
    }

    /// <summary>What the timer does after its commit: for those who have no background threads.</summary>
    /// <exception cref="VaultException">A commit failed.</exception>
    internal void GiveBackSpace() => _committer.GiveBackSpace();

    /// <summary>Reads what <c>statfs(2)</c> tells.</summary>
    public FileSystemStatistics GetStatistics()
    {
        long hostFree = _volume.IsReadOnly ? 0 : _volume.Medium.HostFreeBytes / ContainerLayout.BlockSize;
        long used = (long)_volume.Space.TotalBlocks - _volume.Space.FreeBlocks;
        long free = _volume.Space.BackedFreeBlocks + hostFree;
        return new FileSystemStatistics(
            ContainerLayout.BlockSize,
            used + free,
            free,
            Math.Max(0, free - _volume.Space.MetadataReserve),
            _volume.InodeCount);
    }

    /// <summary>Commits what is left, closes the medium, wipes the keys. After it every call is a bug.</summary>
    /// <exception cref="VaultException">The last commit failed: what was not synced before is lost, what was is there.</exception>
    public void Close()
    {
        if (_isClosed)
            return;
        try
        {
            _reaper?.Dispose();
            _committer.Close();
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Closes without a commit if <see cref="Close"/> was not called.</summary>
    public void Dispose()
    {
        if (_isClosed)
            return;
        _reaper?.Dispose();
        Release();
    }

    private void Release()
    {
        _isClosed = true;
        _committer.Dispose();
        _log?.Dispose();
        _dirty.Discard();
        _volume.Dispose();
    }

    // The one place where a failing world becomes an errno.
    private Errno OutcomeOf(VaultException e)
    {
        if (e.Failure == VaultFailure.NoSpace)
            return Errno.ENOSPC;
        _volume.Logger?.LogError("{Reason}", e.Message);
        return Errno.EIO;
    }

    // Called by a thread that changed something, with no lock held: memory stays bounded because writers pay for it.
    private void AfterChange()
    {
        try
        {
            if (_dirty.IsOverLimit)
                _dirty.Relieve();
            int pages = _volume.Tree.DirtyPageCount;
            if (pages > 2 * _softDirtyPages)
                _committer.Sync();
            else if (!_volume.Space.HasCommitRoom())
                CommitEarly();
            else if (pages > _softDirtyPages || _volume.Space.HasMuchToRelease)
                _committer.RequestSoon();
        }
        catch (VaultException e)
        {
            // The change itself was accepted and is still in memory: whoever syncs gets the error.
            if (e.Failure != VaultFailure.NoSpace)
                _volume.Fail(e);
        }
    }

    // Changes that take no room of their own (chmod, unlink) go on when the host is full: commits must not fall behind them.
    private void CommitEarly()
    {
        if (_volume.Space.HasMetadataRoom())
            return;
        _committer.Sync();
        if (!_volume.Space.HasCommitRoom())
            _committer.ReleaseFreedSpace();
    }

    // Space that was freed lately may be held back for the newest two states: two commits make it usable. No lock is held.
    private bool TryMakeRoom()
    {
        if (_volume.Space.HeldBlocks == 0)
            return false;
        _committer.ReleaseFreedSpace();
        return true;
    }

    // Whether something may be added: before any lock is taken.
    private Errno CheckRoom()
    {
        if (_volume.RefusesChanges)
            return Errno.EROFS;
        if (_volume.NextInode > InodeNumber.LastGivenOut)
            return Errno.ENOSPC;
        try
        {
            return _volume.Space.HasMetadataRoom() || (TryMakeRoom() && _volume.Space.HasMetadataRoom()) ? Errno.None : Errno.ENOSPC;
        }
        catch (VaultException e)
        {
            return OutcomeOf(e);
        }
    }
}
