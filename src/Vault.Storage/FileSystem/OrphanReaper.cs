using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Vault.Storage;

/// <summary>
/// Deletes large inodes that lost their last name, in the background, in bounded steps. First of all what sessions
/// before left over, which it looks for itself: opening a vault does not wait for that.
/// </summary>
internal sealed class OrphanReaper : IDisposable
{
    private readonly BlockingCollection<InodeNumber> _queue = [];
    private readonly Func<InodeNumber, InodeNumber?> _nextLeftover;
    private readonly Action<InodeNumber, CancellationToken> _purge;
    private readonly ILogger? _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Thread? _thread;

    /// <param name="nextLeftover">The first inode behind the given one that is to be deleted.</param>
    /// <param name="purge">Deletes an inode; returns between two steps if cancelled.</param>
    /// <param name="logger">Receives failures.</param>
    /// <param name="inBackground">On a thread of its own, else here and in <see cref="Enqueue"/>.</param>
    public OrphanReaper(
        Func<InodeNumber, InodeNumber?> nextLeftover, Action<InodeNumber, CancellationToken> purge, ILogger? logger, bool inBackground)
    {
        _nextLeftover = nextLeftover;
        _purge = purge;
        _logger = logger;
        if (!inBackground)
        {
            DeleteLeftovers();
            return;
        }

        _thread = new Thread(Run) { IsBackground = true, Name = "vaultfs-reaper" };
        _thread.Start();
    }

    /// <summary>Takes an inode over. The caller holds no lock.</summary>
    public void Enqueue(InodeNumber inode)
    {
        if (_thread is null)
            Try(inode, i => _purge(i, _stopping.Token));
        else if (!_queue.IsAddingCompleted)
            _queue.Add(inode);
    }

    /// <summary>Stops after the step under way; what is left is found in the orphan table at the next unlock.</summary>
    public void Dispose()
    {
        _stopping.Cancel();
        _queue.CompleteAdding();
        _thread?.Join();
        _queue.Dispose();
        _stopping.Dispose();
    }

    private void Run()
    {
        DeleteLeftovers();
        foreach (InodeNumber inode in _queue.GetConsumingEnumerable())
        {
            if (_stopping.IsCancellationRequested)
                return;
            Try(inode, i => _purge(i, _stopping.Token));
        }
    }

    private void DeleteLeftovers()
    {
        InodeNumber? next = default(InodeNumber);
        while (next is { } last && !_stopping.IsCancellationRequested)
        {
            next = null; // a table that cannot be read ends the search
            Try(last, i => next = _nextLeftover(i));
            if (next is { } found)
                Try(found, i => _purge(i, _stopping.Token));
        }
    }

    private void Try(InodeNumber inode, Action<InodeNumber> step)
    {
        try
        {
            step(inode);
        }
        catch (VaultException e)
        {
            _logger?.LogError("Inode {Inode} or what lies behind it could not be deleted completely; the next unlock tries again: {Reason}", inode.Value, e.Message);
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
