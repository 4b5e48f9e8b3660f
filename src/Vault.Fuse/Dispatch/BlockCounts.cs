using Vault.Storage;

namespace Vault.Fuse.Dispatch;

/// <summary>
/// Block counts of files that stay open while they are written, with the writeback cache: the kernel learns of one with a file's other attributes, and
/// keeps it until the file is closed. So it is told, a second later, that they have changed (docs/adr/0016-block-counts.md).
/// </summary>
internal sealed class BlockCounts : IDisposable
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private readonly FuseSession _session;
    private readonly Timer _timer;
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private HashSet<InodeNumber> _changed = [];

    /// <summary>Nothing has changed yet.</summary>
    public BlockCounts(FuseSession session)
    {
        _session = session;
        _timer = new Timer(static self => ((BlockCounts)self!).Tell(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// The kernel has written back a part of a file. The first part does not count: nearly always it is all of a small file, at its close, and whoever
    /// opened that one again would have to ask for its attributes.
    /// </summary>
    public void NoteWrite(InodeNumber inode, ulong offsetBytes)
    {
        if (offsetBytes != 0)
            NoteSync(inode);
    }

    /// <summary>All of a file has been written back.</summary>
    public void NoteSync(InodeNumber inode)
    {
        lock (_lock)
        {
            if (_changed.Add(inode) && _changed.Count == 1)
                _ = _timer.Change(Delay, Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    // On a thread that serves nothing: the kernel may let a notification wait for requests of the same inode.
    private void Tell()
    {
        HashSet<InodeNumber> changed;
        lock (_lock)
        {
            changed = _changed;
            _changed = [];
        }

        foreach (InodeNumber inode in changed)
            _session.NotifyAttributesChanged(inode);
    }
}
