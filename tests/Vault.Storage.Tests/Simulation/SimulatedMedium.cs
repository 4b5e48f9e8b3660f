namespace Vault.Storage.Tests.Simulation;

/// <summary>
/// A disk that does the worst that it is allowed to do, determined by a seed.
/// <para>
/// Fault model. <b>Power loss</b>: what was done before the last flush that returned is there. Of what was done after
/// it, anything is: each write survives or not, sector by sector (512 bytes), in any order; a sector can be torn: in
/// part new, in part old or noise. Growing, cutting, allocating and trimming survive or not, like writes. A write on
/// which the power goes counts as done in part. <b>Unwritten and trimmed ranges</b> read as anything: as before, as
/// zeros, as noise, and otherwise after a crash. A range that was trimmed, or never allocated, has no space: a write to it
/// needs some. <b>A full host</b> refuses to allocate, and to write where no space was allocated; a write that it refuses
/// may be done in part. Space comes back when it is given back, or when somebody else deletes. A copy-on-write
/// host may refuse any write. <b>Errors</b>: any single operation can fail (EIO), a failed write may be done in part; a bad
/// page fails to read until it is written. <b>A failed flush</b>: of the data since the last good flush some is
/// durable and some is lost for ever, although it may be read for a while yet; a later flush that succeeds does not
/// bring it back.
/// </para>
/// Not simulated: a disk that acknowledges a flush and lies, data that rots, or a write that lands elsewhere: these are
/// found by authentication (Adversary/), not survived.
/// </summary>
internal sealed class SimulatedMedium : IMedium
{
    private readonly Lock _lock = new();
    private readonly Random _random;
    private readonly SortedDictionary<long, Fault> _faults = [];
    private readonly HashSet<int> _badPages = [];
    private SparseImage _visible;
    private SparseImage _durable;
    private List<PendingChange> _pending = [];

    public SimulatedMedium(int seed, SparseImage? image = null)
    {
        _random = new Random(seed);
        _durable = image ?? new SparseImage(_random.Next());
        _visible = _durable.Clone(_random.Next());
    }

    /// <summary>What befalls one operation.</summary>
    public enum Fault
    {
        /// <summary>The power goes on it: it and all later ones fail.</summary>
        PowerLoss,

        /// <summary>The process dies on it: it and all later ones fail, but the host keeps what it was given.</summary>
        Death,

        /// <summary>EIO; a flush loses data.</summary>
        IoError,

        /// <summary>ENOSPC.</summary>
        NoSpace,
    }

    /// <summary>Most bytes that the host gives.</summary>
    public long CapacityBytes { get; set; } = long.MaxValue;

    /// <summary>Called before each operation that changes the medium; must not use the medium other than to take a crash point.</summary>
    public Action? BeforeOperation { get; set; }

    /// <summary>Bytes that no write may contain.</summary>
    public byte[]? Canary { get; set; }

    /// <summary>Reads that are left before one fails with EIO; -1: none does.</summary>
    public int ReadsUntilError { get; set; } = -1;

    /// <summary>Operations so far that change the medium or flush it.</summary>
    public long OperationCount { get; private set; }

    public int TrimCount { get; private set; }

    /// <summary>How often the end was cut off.</summary>
    public int CutCount { get; private set; }

    public long BytesRead { get; private set; }

    public long AllocatedBytes => _visible.AllocatedBytes;

    public bool HasPlan => _faults.Count > 0 || ReadsUntilError >= 0;

    /// <summary>How many of the faults that were planned came about.</summary>
    public int FaultCount { get; private set; }

    public int FailedFlushCount { get; private set; }

    /// <summary>The fault after which nothing is done any more, or null.</summary>
    public Fault? Ended { get; private set; }

    public long LengthBytes => _visible.LengthBytes;

    public bool IsReadOnly { get; init; }

    public long HostFreeBytes => CapacityBytes == long.MaxValue ? 1L << 40 : Math.Max(0, CapacityBytes - AllocatedBytes);

    /// <summary>Plans a fault for the operation of a number (from 1, see <see cref="OperationCount"/>).</summary>
    public void Plan(long operation, Fault fault) => _faults[operation] = fault;

    /// <summary>Forgets the faults that did not come about, and a death.</summary>
    public void ClearPlan()
    {
        _faults.Clear();
        ReadsUntilError = -1;
        Ended = null;
    }

    public void MarkBad(int page) => _badPages.Add(page);

    public CrashPoint TakeCrashPoint()
    {
        lock (_lock)
            return new CrashPoint(_durable, _pending, _pending.Count);
    }

    /// <summary>What reads see now.</summary>
    public SparseImage Snapshot() => _visible.Clone(_random.Next());

    public int Read(long offsetBytes, Span<byte> destination)
    {
        lock (_lock)
        {
            RequirePower();
            if (ReadsUntilError >= 0 && --ReadsUntilError < 0)
                throw Occurred(Fault.IoError);
            for (long page = offsetBytes / SparseImage.PageSize; _badPages.Count > 0 && page * SparseImage.PageSize < offsetBytes + destination.Length; page++)
            {
                if (_badPages.Contains((int)page))
                    throw Occurred(Fault.IoError);
            }

            BytesRead += destination.Length;
            return _visible.Read(offsetBytes, destination);
        }
    }

    public void Write(long offsetBytes, ReadOnlySpan<byte> source)
    {
        lock (_lock)
        {
            Assert.True(Canary is null || source.IndexOf(Canary) < 0, "Plaintext is written to the medium.");
            Fault? fault = Begin();
            int partLength = fault is null ? source.Length : _random.Next(source.Length + 1);
            for (int done = 0; done < partLength;)
            {
                int start = (int)((offsetBytes + done) % SparseImage.PageSize);
                int length = Math.Min(SparseImage.PageSize - start, partLength - done);
                if (!TryWritePage((int)((offsetBytes + done) / SparseImage.PageSize), start, source.Slice(done, length)))
                    throw Occurred(Fault.NoSpace);
                done += length;
            }

            End(fault);
        }
    }

    public void Flush()
    {
        lock (_lock)
        {
            Fault? fault = Begin();
            if (fault is Fault.IoError or Fault.NoSpace)
                FailFlush();
            End(fault);
            SparseImage durable = _durable.Clone(_random.Next());
            foreach (PendingChange change in _pending)
                CrashPoint.Apply(durable, change, null, mayTear: false);
            _durable = durable;
            _pending = [];
        }
    }

    public void Allocate(long offsetBytes, long lengthBytes)
    {
        lock (_lock)
        {
            (int page, int count) = WholePages(offsetBytes, lengthBytes);
            End(Begin());
            long missing = 0;
            for (int i = 0; i < count; i++)
                missing += _visible.IsAllocated(page + i) ? 0 : SparseImage.PageSize;
            if (missing > 0 && missing > CapacityBytes - AllocatedBytes) // what is there already needs nothing
                throw Occurred(Fault.NoSpace);
            Do(new PendingChange(OperationCount, ChangeKind.Allocate, page, count, null, 0, offsetBytes + lengthBytes));
        }
    }

    public void Trim(long offsetBytes, long lengthBytes)
    {
        lock (_lock)
        {
            (int page, int count) = WholePages(offsetBytes, lengthBytes);
            End(Begin());
            TrimCount++;
            for (int i = 0; i < count; i++)
                _visible.Release(page + i, keepContent: _random.Next(2) == 0);
            _pending.Add(new PendingChange(OperationCount, ChangeKind.Trim, page, count, null, 0, -1));
        }
    }

    public void SetLength(long lengthBytes)
    {
        lock (_lock)
        {
            End(Begin());
            CutCount += lengthBytes < LengthBytes ? 1 : 0;
            Do(new PendingChange(OperationCount, ChangeKind.SetLength, 0, 0, null, 0, lengthBytes));
        }
    }

    /// <summary>A process that dies closes its file and leaves everything else as it is.</summary>
    public void Dispose()
    {
    }

    private static (int Page, int Count) WholePages(long offsetBytes, long lengthBytes)
    {
        Assert.True(offsetBytes % SparseImage.PageSize == 0 && lengthBytes % SparseImage.PageSize == 0, "Not whole blocks.");
        return ((int)(offsetBytes / SparseImage.PageSize), (int)(lengthBytes / SparseImage.PageSize));
    }

    private bool TryWritePage(int page, int start, ReadOnlySpan<byte> source)
    {
        if (!_visible.IsAllocated(page) && CapacityBytes - AllocatedBytes < SparseImage.PageSize)
            return false;
        byte[] content = source.Length == SparseImage.PageSize ? source.ToArray() : _visible.Page(page).ToArray();
        source.CopyTo(content.AsSpan(start));
        byte sectors = 0;
        for (int sector = start / SparseImage.SectorSize; sector * SparseImage.SectorSize < start + source.Length; sector++)
            sectors |= (byte)(1 << sector);
        _badPages.Remove(page);
        Do(new PendingChange(OperationCount, ChangeKind.Write, page, 1, content, sectors, -1));
        return true;
    }

    private void Do(in PendingChange change)
    {
        CrashPoint.Apply(_visible, change, null, mayTear: false);
        _pending.Add(change);
    }

    // What is lost may be read for a while (the host's cache calls it clean) or not.
    private void FailFlush()
    {
        SparseImage durable = _durable.Clone(_random.Next());
        foreach (PendingChange change in _pending)
            CrashPoint.Apply(durable, change, _random, mayTear: true);
        _durable = durable;
        _pending = [];
        if (_random.Next(2) == 0)
            _visible = durable.Clone(_random.Next());
        FailedFlushCount++;
    }

    private Fault? Begin()
    {
        Assert.False(IsReadOnly, "A read-only medium is written to.");
        RequirePower();
        BeforeOperation?.Invoke();
        return _faults.Remove(++OperationCount, out Fault fault) ? fault : null;
    }

    private void End(Fault? fault)
    {
        if (fault is not { } occurred)
            return;
        if (occurred is Fault.PowerLoss or Fault.Death)
            Ended = occurred;
        throw Occurred(occurred);
    }

    private void RequirePower()
    {
        if (Ended is not null)
            throw new VaultException(VaultFailure.IoError, "The simulated power is off.");
    }

    private VaultException Occurred(Fault fault)
    {
        FaultCount++;
        return fault == Fault.NoSpace
            ? new VaultException(VaultFailure.NoSpace, "The simulated host is full.")
            : new VaultException(VaultFailure.IoError, "The simulated host fails.");
    }
}
