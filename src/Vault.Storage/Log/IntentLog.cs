using Vault.Crypto;

namespace Vault.Storage;

/// <summary>
/// Makes a sync cheap: one sealed append and one flush in place of a commit. An append says what every key of the tree that
/// changed since the last one is now, and holds the blocks of chunks that are not sealed yet; replayed over the state that the
/// newest superblock leads to it gives the state at the sync. Who syncs while an append is written shares the next one.
/// </summary>
internal sealed class IntentLog : IDisposable
{
    /// <summary>Blocks of appends after which a commit is asked for, so that a replay stays short: 16 MiB.</summary>
    private const int SoftLimitBlocks = 4096;

    private const int HardLimitBlocks = 4 * SoftLimitBlocks;

    // Behind the append in the buffer of what is to be written.
    private const int LinkRoom = LogWriter.MaxAppendBytes;
    private const int MarkRoom = LinkRoom + ContainerLayout.BlockSize;

    private readonly Volume _volume;
    private readonly DirtyData _dirty;
    private readonly RandomSource _random;
    private readonly LogChanges _changes = new();
    private readonly LogWriter _writer;
    private readonly object _monitor = new();

    /// <summary>Guards changes, writer and generations between a sync, a freeze and the end of a commit. After the gate, before the tree.</summary>
    private readonly Lock _state = new();

    // Belong to who appends. Rented at the first append and kept: clearing all of them each time would cost more than the append.
    private byte[]? _plaintext;
    private byte[]? _stored;

    private ulong _durableGeneration;
    private ulong _ledToBy = ulong.MaxValue;
    private long _requested;
    private long _completed;
    private bool _isAppending;

    /// <param name="volume">The vault, open for writing.</param>
    /// <param name="dirty">Its unsealed data.</param>
    /// <param name="durableGeneration">The generation that was opened.</param>
    /// <param name="replayed">The segments of the log that was replayed.</param>
    /// <param name="random">For chains.</param>
    public IntentLog(Volume volume, DirtyData dirty, ulong durableGeneration, IReadOnlyList<LogSegment> replayed, RandomSource random)
    {
        _volume = volume;
        _dirty = dirty;
        _random = random;
        _durableGeneration = durableGeneration;
        _writer = new LogWriter(volume);
        _writer.TakeOver(replayed);
        volume.NoteChangesIn(_changes);
    }

    private enum Attempt
    {
        Done,
        WaitForCommit,
        Commit,
    }

    /// <summary>Returns when every change made before the call is durable.</summary>
    /// <param name="committer">Does it where an append is not enough.</param>
    /// <exception cref="VaultException">It is not.</exception>
    public void Sync(Committer committer)
    {
        long covers;
        lock (_monitor)
        {
            long ticket = ++_requested;
            while (_isAppending && _completed < ticket)
                Monitor.Wait(_monitor);
            if (_completed >= ticket)
                return;
            _isAppending = true;
            covers = _requested;
        }

        Attempt outcome = Attempt.Commit;
        try
        {
            outcome = TryAppend(committer);
        }
        finally
        {
            lock (_monitor)
            {
                _isAppending = false;
                if (outcome == Attempt.Done)
                    _completed = covers;
                Monitor.PulseAll(_monitor);
            }
        }

        if (outcome == Attempt.WaitForCommit && committer.WaitForRunning())
            Sync(committer);
        else if (outcome != Attempt.Done)
            committer.Sync();
    }

    /// <summary>A commit freezes, under the exclusive gate.</summary>
    /// <param name="generation">Its generation.</param>
    /// <param name="close">The session ends with it.</param>
    /// <param name="settle">It is made for the sake of space.</param>
    /// <returns>What its superblock says of the log.</returns>
    public LogStart Freeze(ulong generation, bool close, bool settle)
    {
        lock (_state)
        {
            _changes.Freeze();
            LogStart start = _writer.Freeze(generation, close, settle, _random, out bool isNew);
            if (isNew)
                _ledToBy = generation;
            return start;
        }
    }

    /// <summary>A commit is durable.</summary>
    public void EndCommit(ulong generation)
    {
        lock (_state)
        {
            _durableGeneration = generation;
            _changes.DropFrozen();
        }
    }

    /// <summary>Wipes what it holds. Nobody syncs any more.</summary>
    public void Dispose()
    {
        if (_plaintext is not null)
            PinnedBufferPool.Shared.Return(_plaintext);
        if (_stored is not null)
            PinnedBufferPool.Shared.Return(_stored);
        _plaintext = _stored = null;
    }

    private Attempt TryAppend(Committer committer)
    {
        _plaintext ??= PinnedBufferPool.Shared.Rent(LogWriter.MaxAppendBytes);
        _stored ??= PinnedBufferPool.Shared.Rent(LogWriter.MaxAppendBytes + (2 * ContainerLayout.BlockSize));
        Attempt outcome = Gather(_plaintext, _stored, out Sealed append, out Sealed link, out Sealed mark);
        if (outcome != Attempt.Done || append.Length == 0)
            return outcome;
        if (!TryWrite(_stored, append, link, mark))
            return Attempt.Commit;
        if (_writer.LoggedBlocks > SoftLimitBlocks)
            committer.RequestSoon();
        return Attempt.Done;
    }

    // With every change stopped: what is gathered is a state that existed.
    private Attempt Gather(Span<byte> plaintext, Span<byte> stored, out Sealed append, out Sealed link, out Sealed mark)
    {
        append = link = mark = default;
        int used = 0;
        _volume.Gate.EnterWriteLock();
        try
        {
            _volume.ThrowIfFailed();
            lock (_state)
            {
                if (!_writer.IsOpen || _durableGeneration < _ledToBy || _writer.LoggedBlocks > HardLimitBlocks)
                    return Attempt.Commit;
                if (_changes.IsOverfull)
                    return _changes.IsOnlyFrozenOverfull ? Attempt.WaitForCommit : Attempt.Commit;
                if (_changes.IsEmpty && !_dirty.HasUnlogged)
                    return Attempt.Done;
                LogRecordWriter records = new(plaintext.Slice(LogHeader.SizeBytes, LogWriter.MaxRecordBytes));
                bool fits = TryWriteRecords(ref records);
                used = LogHeader.SizeBytes + records.Length;
                if (!fits || !_writer.TryMakeRoom(LogFrame.SizeBytes + used, out LogSegment next))
                    return Attempt.Commit;
                _volume.Space.LogNamesLiveBlocks();
                mark = SealMark(stored[MarkRoom..]);
                if (!next.Address.IsNone)
                    link = SealLink(next, stored[LinkRoom..]);
                append = Seal(plaintext, records.Length, stored);
                _changes.Clear();
                _dirty.MarkLogged();
                return Attempt.Done;
            }
        }
        finally
        {
            _volume.Gate.ExitWriteLock();
            plaintext[..used].Clear();
        }
    }

    private bool TryWriteRecords(ref LogRecordWriter records)
    {
        foreach (LogSegment run in _changes.Freed)
        {
            if (!records.TryFree(run))
                return false;
        }

        Span<byte> value = stackalloc byte[LeafPage.MaxValueSize];
        _volume.Tree.Lock.EnterReadLock();
        try
        {
            foreach (TreeKey key in _changes.Keys)
            {
                bool isThere = _volume.Tree.TryGet(key, value, out int length);
                if (!(isThere ? records.TryPut(key, value[..length]) : records.TryRemove(key)))
                    return false;
            }
        }
        finally
        {
            _volume.Tree.Lock.ExitReadLock();
            value.Clear();
        }

        return _dirty.TryLog(ref records);
    }

    private Sealed SealLink(in LogSegment next, Span<byte> room)
    {
        Span<byte> plaintext = stackalloc byte[ContainerLayout.BlockSize];
        LogRecordWriter records = new(plaintext[LogHeader.SizeBytes..]);
        records.TryContinue(next);
        Sealed link = Seal(plaintext, records.Length, room);
        _writer.GoOnIn(next);
        return link;
    }

    private Sealed SealMark(Span<byte> room)
    {
        Span<byte> plaintext = stackalloc byte[ContainerLayout.BlockSize];
        WriteHeader(plaintext, recordBytes: 0);
        return _writer.TrySealMark(plaintext, room, out BlockAddress place) ? new Sealed(place, ContainerLayout.BlockSize) : default;
    }

    private void WriteHeader(Span<byte> plaintext, int recordBytes) =>
        new LogHeader(_durableGeneration, _volume.NextInode, (ulong)Math.Max(0, _volume.InodeCount), recordBytes).WriteTo(plaintext);

    private Sealed Seal(Span<byte> plaintext, int recordBytes, Span<byte> room)
    {
        WriteHeader(plaintext, recordBytes);
        Span<byte> append = _writer.Seal(plaintext, LogHeader.SizeBytes + recordBytes, room, out BlockAddress place);
        return new Sealed(place, append.Length);
    }

    // On a host that is full after all (copy-on-write file systems) the log ends, and a commit does what the append did not.
    private bool TryWrite(ReadOnlySpan<byte> stored, in Sealed append, in Sealed link, in Sealed mark)
    {
        try
        {
            if (mark.Length > 0)
                _volume.Medium.Write(mark.Place.OffsetBytes, stored.Slice(MarkRoom, mark.Length));
            if (link.Length > 0)
                _volume.Medium.Write(link.Place.OffsetBytes, stored.Slice(LinkRoom, link.Length));
            _volume.Medium.Write(append.Place.OffsetBytes, stored[..append.Length]);
            _volume.FlushMedium();
            return true;
        }
        catch (VaultException e) when (e.Failure == VaultFailure.NoSpace)
        {
            lock (_state)
                _writer.Break();
            return false;
        }
        catch (VaultException e)
        {
            _volume.Fail(e);
            throw;
        }
    }

    /// <summary>An append as it is to be written.</summary>
    private readonly record struct Sealed(BlockAddress Place, int Length);
}
