using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Vault.Storage;

/// <summary>Deletes the content of large inodes that lost their last name, in the background, in bounded steps.</summary>
internal sealed class OrphanReaper : IDisposable
{
    private readonly BlockingCollection<InodeNumber> _queue = [];
    private readonly Action<InodeNumber> _purge;
    private readonly ILogger? _logger;
    private readonly Thread _thread;
    private volatile bool _isStopping;

    public OrphanReaper(Action<InodeNumber> purge, ILogger? logger)
    {
        _purge = purge;
        _logger = logger;
        _thread = new Thread(Run) { IsBackground = true, Name = "vaultfs-reaper" };
        _thread.Start();
    }

    public void Enqueue(InodeNumber inode)
    {
        if (!_queue.IsAddingCompleted)
            _queue.Add(inode);
    }

    /// <summary>Stops after the deletion under way; what is left is found in the orphan table at the next unlock.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _queue.CompleteAdding();
        _thread.Join();
        _queue.Dispose();
    }

    private void Run()
    {
        foreach (InodeNumber inode in _queue.GetConsumingEnumerable())
        {
            if (_isStopping)
                return;
            try
            {
                _purge(inode);
            }
            catch (VaultException e)
            {
                _logger?.LogError("Inode {Inode} could not be deleted completely; the next unlock tries again: {Reason}", inode.Value, e.Message);
            }
#pragma warning disable CA1031 // A bug met while deleting must not end the service of the whole vault.
            catch (Exception e)
#pragma warning restore CA1031
            {
                // Without the message, which could hold what was worked on.
                _logger?.LogCritical("Deleting inode {Inode} failed: {Type} {Stack}", inode.Value, e.GetType().Name, e.StackTrace);
            }
        }
    }
}
