using Microsoft.Extensions.Logging;
using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// Makes states durable: data, pages bottom-up, space map, flush, superblock, flush. Callers of <see cref="Sync"/>
/// share commits: one leads, those who come meanwhile wait for the next one. A thread commits on a timer.
/// </summary>
internal sealed class Committer : IDisposable
{
    /// <summary>Calls of the host that give space back, at once.</summary>
    private const int TrimsAtOnce = 256;

    /// <summary>As many when the vault is closed: what is left over would stay until it is used again.</summary>
    private const int TrimsAtEnd = 16 * 1024;

    private readonly Volume _volume;
    private readonly DirtyData _dirty;
    private readonly SuperblockRing _ring;
    private readonly IntentLog? _log;
    private readonly RandomSource _random;
    private readonly Lock _startLock = new();
    private readonly object _monitor = new();
    private readonly Thread? _timer;
    private readonly ManualResetEventSlim _wake = new();
    private readonly TimeSpan _interval;

    private volatile Superblock _durable;
    private Superblock? _pending;
    private readonly LineageEntry? _newLineage;
    private long _requested;
    private long _completed;
    private bool _isRunning;
    private bool _freedSpaceIsWanted;
    private bool _hostTakesSpace = true;
    private VaultException? _lastError;
    private volatile bool _isStopping;

    /// <param name="volume">The vault.</param>
    /// <param name="dirty">Its unsealed data.</param>
    /// <param name="ring">Where superblocks go.</param>
    /// <param name="log">Goes on with each state; null if the session makes no appends.</param>
    /// <param name="opened">The superblock that the session starts from; its session becomes part of the lineage.</param>
    /// <param name="headerSequence">Of the header in use.</param>
    /// <param name="options">Interval and randomness.</param>
    public Committer(
        Volume volume, DirtyData dirty, SuperblockRing ring, IntentLog? log, Superblock opened, ulong headerSequence, VaultOpenOptions options)
    {
        _volume = volume;
        _dirty = dirty;
        _ring = ring;
        _log = log;
        _random = options.Random;
        _interval = options.CommitInterval;
        _newLineage = new LineageEntry(opened.Session, opened.Generation, opened.SlotTag);
        _durable = opened with { HeaderSequence = headerSequence };
        if (volume.IsReadOnly)
            return;
        if (!opened.IsClean)
            volume.Space.PlanSweep();
        if (!options.BackgroundThreads)
            return;
        _timer = new Thread(RunTimer) { IsBackground = true, Name = "vaultfs-commit" };
        _timer.Start();
    }

    private enum CommitReason
    {
        Changes,
        FreedSpace,
        Lock,
    }

    /// <summary>The newest durable generation.</summary>
    public ulong DurableGeneration => _durable.Generation;

    /// <summary>Asks for a commit soon, without waiting.</summary>
    public void RequestSoon() => _wake.Set();

    /// <summary>Returns when every change made before the call is durable.</summary>
    /// <exception cref="VaultException">It is not.</exception>
    public void Sync() => SyncCore(CommitReason.Changes);

    /// <summary>Waits until the commit under way has ended, well or not.</summary>
    /// <returns>False: none was.</returns>
    public bool WaitForRunning()
    {
        lock (_monitor)
        {
            bool wasRunning = _isRunning;
            while (_isRunning)
                Monitor.Wait(_monitor);
            return wasRunning;
        }
    }

    /// <summary>Commits even if nothing changed, twice: space that was freed before the call can then be used again.</summary>
    public void ReleaseFreedSpace()
    {
        for (int i = 0; i < 2 && _volume.Space.HeldBlocks > 0; i++)
            SyncCore(CommitReason.FreedSpace);
        _volume.Space.AskForPinnedSpace();
    }

    /// <summary>Keeps the newest durable state whole until <see cref="Unpin"/>: none of its blocks is reused. Pins are counted.</summary>
    /// <returns>The state's superblock.</returns>
    public Superblock PinDurable()
    {
        _volume.Space.Pin(); // first: what becomes durable between the two lines is pinned as well
        return _durable;
    }

    /// <summary>Ends a <see cref="PinDurable"/>.</summary>
    public void Unpin() => _volume.Space.Unpin();

    /// <summary>
    /// Gives back to the host what nobody needed since the call before. After a large deletion that takes two calls: the
    /// first makes the states durable that do not need the space any more. The timer calls it.
    /// </summary>
    public void GiveBackSpace()
    {
        if (_volume.Space.HasEnoughToRelease || (_volume.Space.HasToSweep && _durable.Session != _volume.Session!.Salt))
            SyncCore(CommitReason.FreedSpace);
        long excess = _volume.Space.TakeExcess();
        if (!_hostTakesSpace)
            return;
        if (_volume.Space.PlanCut(excess))
        {
            SyncCore(CommitReason.FreedSpace);
            SyncCore(CommitReason.FreedSpace); // both states that may be opened now end where the medium will
            excess = _volume.Space.TakeExcess();
        }

        GiveBack(excess, TrimsAtOnce);
    }

    /// <summary>Stops the timer, makes the last state durable, marked clean, and gives back what the vault at rest does not need.</summary>
    /// <exception cref="VaultException">It is not durable; the last durable state stands.</exception>
    public void Close()
    {
        Stop();
        if (_volume.IsReadOnly)
            return;
        SyncCore(CommitReason.Lock);

        // Nothing was changed: but what was opened may be a superblock in the host's memory alone, behind which a flush failed.
        bool isTwin = TryWriteTwin();
        if (isTwin && _durable.Session == _volume.Session!.Salt && (!_volume.Space.NewestIsShorter || TryWriteTwin()))
            GiveBack(_volume.Space.ExcessAtRest(), TrimsAtEnd);
    }

    public void Dispose()
    {
        Stop();
        _wake.Dispose();
    }

    private void Stop()
    {
        lock (_startLock)
        {
            _isStopping = true;
            _wake.Set();
            if (_timer is { IsAlive: true })
                _timer.Join();
        }
    }

    private void SyncCore(CommitReason reason)
    {
        long covers;
        lock (_monitor)
        {
            long ticket = ++_requested;
            _freedSpaceIsWanted |= reason == CommitReason.FreedSpace; // whoever leads the commit that covers this call
            while (_isRunning && _completed < ticket)
                Monitor.Wait(_monitor);
            if (_completed >= ticket)
            {
                if (_lastError is { } error)
                    throw new VaultException(error.Failure, error.Message, error);
                return;
            }

            _isRunning = true;
            covers = _requested;
            if (_freedSpaceIsWanted && reason == CommitReason.Changes)
                reason = CommitReason.FreedSpace;
            _freedSpaceIsWanted = false;
        }

        VaultException? failure = null;
        try
        {
            Commit(reason);
        }
        catch (VaultException e)
        {
            failure = e;
            throw;
        }
        catch (Exception e)
        {
            // A bug of ours, somewhere in the middle: nobody may take the commit for done, or go on from there.
            failure = new VaultException(VaultFailure.IoError, "A commit broke off.", e);
            _volume.Fail(failure);
            throw;
        }
        finally
        {
            lock (_monitor)
            {
                _isRunning = false;
                _completed = covers;
                _lastError = failure;
                Monitor.PulseAll(_monitor);
            }
        }
    }

    private void Commit(CommitReason reason)
    {
        _volume.ThrowIfFailed();
        if (_pending is not null)
            FinishPending(); // a commit that met a full host goes first: its state is older than ours
        if (!HasChanges && !IsNeededAnyway(reason))
            return;
        FlushData(gateIsExclusive: false); // most is sealed while work goes on; what comes meanwhile is little
        Freeze(reason);
        FinishPending();
    }

    // The state that was opened may be in the host's cache only, left there by a process that died before its last flush
    // or whose flush failed: the first sync of a session makes what it read durable, changed or not.
    private bool IsNeededAnyway(CommitReason reason) => reason switch
    {
        CommitReason.FreedSpace => true,
        CommitReason.Lock => !_durable.IsClean,
        _ => _durable.Session != _volume.Session!.Salt,
    };

    private bool HasChanges => _volume.Tree.DirtyPageCount > 0 || _dirty.HasAny;

    // On a host that is full after all (copy-on-write file systems) the commit fails before it began and is tried again.
    private void FlushData(bool gateIsExclusive)
    {
        try
        {
            _dirty.FlushAll(gateIsExclusive);
        }
        catch (VaultException e) when (e.Failure != VaultFailure.NoSpace)
        {
            _volume.Fail(e);
            throw;
        }
    }

    private void Freeze(CommitReason reason)
    {
        _volume.Gate.EnterWriteLock();
        try
        {
            FlushData(gateIsExclusive: true);
            _volume.ThrowIfFailed(); // an operation that broke off meanwhile left half of it in the tree
            AddLineage();
            ulong generation = _volume.LiveGeneration;
            LogStart log = _log?.Freeze(generation, close: reason == CommitReason.Lock, settle: reason == CommitReason.FreedSpace) ?? default; // its segments are part of what the space map freezes
            _volume.Tree.Lock.EnterWriteLock();
            try
            {
                _volume.Tree.Freeze(generation + 1);
            }
            finally
            {
                _volume.Tree.Lock.ExitWriteLock();
            }

            _volume.Space.Freeze(generation + 1);
            _volume.LiveGeneration = generation + 1;
            _pending = _durable with
            {
                Generation = generation,
                Session = _volume.Session!.Salt,
                NextInode = _volume.NextInode,
                InodeCount = (ulong)Math.Max(0, _volume.InodeCount), // below zero only if it was wrong before
                IsClean = reason == CommitReason.Lock,
                Log = log,
                CommitTimeSeconds = _volume.Clock.Now.Seconds,
                Lineage = LineageWith(_newLineage!.Value),
            };
        }
        finally
        {
            _volume.Gate.ExitWriteLock();
        }
    }

    // The first commit of a session puts the session before it into the lineage table.
    private void AddLineage()
    {
        LineageEntry entry = _newLineage!.Value;
        if (_durable.Session == _volume.Session!.Salt)
            return;
        Span<byte> value = stackalloc byte[LineageEntry.SizeBytes];
        entry.WriteTo(value);
        try
        {
            using TreeChange change = _volume.BeginChange();
            _volume.Tree.Put(new TreeKey(TableId.Lineage, entry.LastGeneration), value);
            change.Complete();
        }
        catch (VaultException e)
        {
            if (_volume.Failure is not null)
                throw;

            // Superblocks carry the newest entries too: a damaged table must not keep the vault from committing.
            _volume.Logger?.LogError("The session before this one cannot be noted in the lineage table: {Reason}", e.Message);
        }
    }

    private IReadOnlyList<LineageEntry> LineageWith(LineageEntry entry) =>
        _durable.Session == _volume.Session!.Salt ? _durable.Lineage : [entry, .. _durable.Lineage.Take(Superblock.LineageCount - 1)];

    private void FinishPending()
    {
        try
        {
            Superblock superblock = _pending! with
            {
                TreeRoot = _volume.Tree.WriteFrozen(),
                Space = _volume.Space.WriteFrozen(_pending!.Generation),
            };
            _volume.FlushMedium();
            superblock = _ring.Write(superblock, _random);
            _volume.FlushMedium();
            _durable = superblock;
            _log?.EndCommit(superblock.Generation);
        }
        catch (VaultException e) when (e.Failure != VaultFailure.NoSpace)
        {
            // A failed write or flush: nobody can say what the medium holds now. Never pretend that a second try helps.
            _volume.Fail(e);
            throw;
        }

        _pending = null;
        _volume.Space.ReleaseHeld();
        _volume.Tree.Lock.EnterWriteLock();
        try
        {
            _volume.Tree.Thaw();
            _volume.Tree.Recycle();
            _volume.UpdateMetadataReserve();
        }
        finally
        {
            _volume.Tree.Lock.ExitWriteLock();
        }
    }

    // The newest state once more, under the next number: if the newest slot is damaged after a lock, nothing is lost.
    private bool TryWriteTwin()
    {
        try
        {
            Superblock twin = _durable with { Generation = _durable.Generation + 1, Space = _volume.Space.BeginTwin(_durable.Space) };
            twin = _ring.Write(twin, _random);
            _volume.FlushMedium();
            _durable = twin;
            _volume.Space.EndTwin();
            return true;
        }
        catch (VaultException e) when (e.Failure == VaultFailure.NoSpace)
        {
            _volume.Logger?.LogWarning("The vault's last state is durable, but the full host had no room for its root twice: {Reason}", e.Message);
            return false;
        }
        catch (VaultException e)
        {
            _volume.Fail(e);
            throw;
        }
    }

    // Space that the host does not take back stays the container's: no reason to fail.
    private void GiveBack(long excess, int maxCalls)
    {
        try
        {
            _volume.Space.Sweep(maxCalls);
            _volume.Space.Trim(excess, maxCalls);
            _volume.Space.CutMedium();
        }
        catch (VaultException e) when (e.Failure != VaultFailure.NoSpace)
        {
            _hostTakesSpace = false;
            _volume.Logger?.LogWarning("The host failed to take back free space; it is not offered any more until the next unlock: {Reason}", e.Message);
        }
        catch (VaultException e)
        {
            _volume.Logger?.LogInformation("A full host has no room to note a hole; the next lock tries again: {Reason}", e.Message);
        }
    }

    private void RunTimer()
    {
        while (!_isStopping)
        {
            _wake.Wait(_interval);
            _wake.Reset();
            if (_isStopping || _volume.Failure is not null)
                continue;
            try
            {
                if (HasChanges || _pending is not null)
                    Sync();
                GiveBackSpace();
            }
            catch (VaultException e)
            {
                _volume.Logger?.LogError("A commit failed and will be tried again if it can be: {Reason}", e.Message);
            }
            catch (Exception e) when (_volume.Failure is not null)
            {
                _volume.Logger?.LogCritical(e, "A commit broke off.");
            }
        }
    }
}
