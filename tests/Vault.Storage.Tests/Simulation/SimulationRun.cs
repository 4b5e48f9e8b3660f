using Vault.Crypto;

namespace Vault.Storage.Tests.Simulation;

/// <summary>
/// Executes a case: operations on a vault and on the model, with crashes, failures of the host and recoveries between
/// them. Throws at the first thing that must not be.
/// </summary>
internal sealed class SimulationRun : IDisposable
{
    private const int SiblingsOfACrash = 2;

    /// <summary>A container of this size has room for a small file beside its reserve.</summary>
    private const long BytesForAFile = 3 << 20;

    private readonly SimulationCase _case;
    private readonly SimulationStatistics _statistics;
    private readonly SimulatedVault _vault;
    private readonly Random _random;
    private readonly StateHistory _history = new();
    private readonly NonceLedger _nonces = new();
    private SimulatedMedium _medium;
    private VaultFileSystem _fileSystem;
    private VaultDriver _driver;
    private Survival _survival;
    private int _failedFlushesBefore;
    private long _operationCount;
    private long _earlierMediumOperations;
    private long _earlierFaults;
    private int _earlierFailedFlushes;

    public SimulationRun(SimulationCase @case, SimulationStatistics statistics)
    {
        _case = @case;
        _statistics = statistics;
        _random = new Random(@case.Seed);
        SealingSession.NonceObserver.Value = _nonces;
        VaultOpenOptions options = new()
        {
            PageCacheBytes = @case.PageCacheBytes,
            DirtyDataBytes = @case.DirtyDataBytes,
            SpacePolicy = EagerSpacePolicy,
        };
        _vault = new SimulatedVault(@case.Seed, options);
        _medium = NewMedium(_vault.Create(@case.ChunkSize));
        _fileSystem = _vault.Open(_medium);
        _driver = new VaultDriver(_fileSystem);
    }

    /// <summary>Called with the medium when the vault is open for the first time.</summary>
    public Action<SimulatedMedium, StateHistory>? OnOpened { get; init; }

    public SimulatedVault Vault => _vault;

    // Little is kept, so that much is given back and asked for again; and the log goes on elsewhere every few appends.
    private static SpacePolicy EagerSpacePolicy => new()
    {
        SmallestPool = 16,
        LargestPool = 32,
        SmallestCut = 16,
        SmallestCutAtRest = 16,
        MuchFreed = 8,
        LargestHeld = 64,
        FirstLogSegment = 8,
        LogSegment = 16,
    };

    // From then on the host may show a superblock that it has lost, and nobody mends its slot. The disk's newest state is then
    // older than the one that a session went on from: nothing that was promised is lost, but the state before it need not be
    // whole, and a second bad slot looks like lost states, which the user must accept.
    private bool HadFailedFlush => _earlierFailedFlushes + _medium.FailedFlushCount > 0;

    private bool IsHostLimited => _medium.CapacityBytes != long.MaxValue;

    public void Execute()
    {
        OnOpened?.Invoke(_medium, _history);
        for (int i = 0; i < _case.Operations.Count; i++)
        {
            try
            {
                Step(_case.Operations[i]);
                AfterStep();
            }
            catch (Exception e) when (e is not SimulationException)
            {
                throw new SimulationException($"Step {i}, {_case.Operations[i]} {e.GetType().Name}: {e.Message}", e);
            }
        }

        End();
        _statistics.AddReplayed(_vault.ReplayedAppends);
        _statistics.AddCase(_operationCount, _earlierMediumOperations + _medium.OperationCount, _earlierFaults + _medium.FaultCount);
    }

    public void Dispose()
    {
        _fileSystem.Dispose();
        _vault.Dispose();
        SealingSession.NonceObserver.Value = null;
    }

    /// <summary>No nonce was drawn twice under one key, in none of the sessions.</summary>
    public void CheckNonces() => Assert.Equal(0, _nonces.RepeatCount);

    private void Step(in Operation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.Check:
                Check();
                break;
            case OperationKind.Lock:
                Lock();
                break;
            case OperationKind.GiveBack:
                GiveBack();
                break;
            case OperationKind.Kill when operation.Length == 0:
                Recover(powerIsLost: false);
                break;
            case OperationKind.Kill:
                _medium.Plan(_medium.OperationCount + operation.Length, SimulatedMedium.Fault.Death);
                break;
            case OperationKind.LosePower when operation.Length == 0:
                _survival = (Survival)operation.Argument;
                Recover(powerIsLost: true);
                break;
            case OperationKind.LosePower:
                _survival = (Survival)operation.Argument;
                _medium.Plan(_medium.OperationCount + operation.Length, SimulatedMedium.Fault.PowerLoss);
                break;
            case OperationKind.FailOperation:
                _medium.Plan(_medium.OperationCount + Math.Max(1, operation.Length), SimulatedMedium.Fault.IoError);
                break;
            case OperationKind.RefuseOperation:
                _medium.Plan(_medium.OperationCount + Math.Max(1, operation.Length), SimulatedMedium.Fault.NoSpace);
                break;
            case OperationKind.FailRead:
                _medium.ReadsUntilError = operation.Length;
                break;
            case OperationKind.FillHost:
                _medium.CapacityBytes = _medium.AllocatedBytes + ((long)operation.Length * SparseImage.PageSize);
                break;
            case OperationKind.FreeHost:
                _medium.CapacityBytes = long.MaxValue;
                break;
            case OperationKind.Empty:
                Empty();
                break;
            default:
                Do(operation);
                break;
        }
    }

    private void AfterStep()
    {
        if (_medium.Ended is { } end)
        {
            Recover(powerIsLost: end == SimulatedMedium.Fault.PowerLoss);
        }
        else if (_fileSystem.IsReadOnly)
        {
            CheckThatItSaysSo();
            _survival = (Survival)_random.Next((int)Survival.AllButSuperblocks + 1);
            Recover(powerIsLost: _random.Next(2) == 0);
        }
        else
        {
            Assert.True(_medium.FailedFlushCount == _failedFlushesBefore, "A flush failed and the vault goes on as if it had not.");
        }
    }

    private void Do(in Operation operation)
    {
        _operationCount++;
        long time = ++_vault.Clock.Time;
        int faults = _medium.FaultCount;
        _history.Begin(operation, time);
        Errno outcome = _driver.Apply(operation);
        if (_medium.Ended is not null)
            return;
        if (outcome is Errno.EIO or Errno.EROFS or Errno.ENOSPC)
        {
            _history.Refuse();
            CheckReason(operation, outcome, _medium.FaultCount > faults);
            return;
        }

        if (operation.Kind == OperationKind.Read && outcome == Errno.None)
            Assert.True(_history.Current.ReadOf(operation).SequenceEqual(_driver.LastRead), "Wrong data was read.");
        if (operation.Kind == OperationKind.CopyRange && outcome == Errno.None)
        {
            bool isWhole = _driver.LastCopied == _history.Current.CopiedBytes(operation);
            Assert.True(isWhole || IsHostLimited || _medium.FaultCount > faults, "Less was copied than there is.");
            _history.Begin(operation with { Length = _driver.LastCopied }, time);
        }

        Assert.Equal(_history.Apply(), outcome);
        if (operation.Kind != OperationKind.Sync)
            return;
        Assert.True(_medium.FailedFlushCount == _failedFlushesBefore, "A sync succeeds over a flush that failed.");
        _history.MakeDurable();
    }

    // The world failed: only where it did. What needs no space of its own is never refused for want of it.
    private void CheckReason(in Operation operation, Errno outcome, bool failedHere)
    {
        if (outcome == Errno.ENOSPC)
        {
            Assert.True(failedHere || IsHostLimited, "ENOSPC on a host that has space.");
            bool needsNone = operation.Kind is OperationKind.Unlink or OperationKind.RemoveDirectory or OperationKind.RemoveXattr
                or OperationKind.SetMode or OperationKind.SetModifyTime or OperationKind.SetFlags or OperationKind.Read or OperationKind.Open or OperationKind.Close;
            Assert.False(needsNone, "ENOSPC for what needs no space.");
            return;
        }

        Assert.True(failedHere || _fileSystem.IsReadOnly, $"{outcome} without a failure of the host.");
    }

    private void Check()
    {
        int planned = _medium.ReadsUntilError;
        _medium.ReadsUntilError = -1;
        if (ModelDifference.Between(_history.Current, VaultDriver.ReadAll(_fileSystem)) is { } difference)
            throw new SimulationException($"The vault in use is not what it should be: {difference}.");
        _medium.ReadsUntilError = planned;
    }

    private void GiveBack()
    {
        Do(new(OperationKind.Sync));
        if (_medium.Ended is not null || _fileSystem.IsReadOnly)
            return;
        int faults = _medium.FaultCount;
        try
        {
            _fileSystem.GiveBackSpace();
        }
        catch (VaultException e)
        {
            Assert.True(_medium.FaultCount > faults || (IsHostLimited && e.Failure == VaultFailure.NoSpace), $"Space cannot be given back: {e.Message}");
        }
    }

    private void Lock()
    {
        try
        {
            _fileSystem.Close();
        }
        catch (VaultException)
        {
            if (_medium.Ended is null)
                Recover(powerIsLost: false);
            return; // else after this step
        }

        Assert.True(_medium.FailedFlushCount == _failedFlushesBefore, "A vault closes well over a flush that failed.");
        _history.MakeDurable();
        _history.CloseAll();
        if (_medium.Ended is not null)
            return; // after the last flush, while free space went back; recovered from after this step
        int planned = _medium.ReadsUntilError;
        _medium.ReadsUntilError = -1;
        Recovery.Check(_medium.Snapshot(), _vault, _history.Allowed(), HadFailedFlush);
        int faults = _medium.FaultCount;
        try
        {
            _fileSystem = _vault.Open(_medium);
        }
        catch (VaultException) when (_medium.FaultCount > faults)
        {
            Recover(powerIsLost: _medium.Ended == SimulatedMedium.Fault.PowerLoss);
            return;
        }

        _driver = new VaultDriver(_fileSystem);
        _medium.ReadsUntilError = planned;
    }

    private void Empty()
    {
        bool fits = _medium.AllocatedBytes >= BytesForAFile;
        bool hasPlan = _medium.HasPlan;
        IEnumerable<(string Path, ModelNode Node)> entries = [.. _history.Current.Entries()];
        foreach ((string path, _) in entries.Where(e => e.Node.Is(AttributeFlags.Protection)))
            Do(new(OperationKind.SetFlags, path));
        foreach ((string path, ModelNode node) in entries.Reverse())
            Do(new(node.IsDirectory ? OperationKind.RemoveDirectory : OperationKind.Unlink, path));
        for (uint slot = 0; slot < WorkloadGenerator.SlotCount; slot++)
            Do(new(OperationKind.Close, Argument: slot));
        if (hasPlan)
            return; // another failure got in between, or is still on its way
        Assert.Empty(_history.Current.Root.Children!);
        if (_fileSystem.Sync() != Errno.None) // accepted data may have found no room; what was deleted since makes some
            Assert.Equal(Errno.None, _fileSystem.Sync());
        _history.MakeDurable();
        if (!fits)
            return;
        Do(new(OperationKind.CreateFile, Canary.Text));
        Do(new(OperationKind.Write, Canary.Text, Length: 10_000));
        Do(new(OperationKind.Sync));
        Assert.Equal(10_000, _history.Current.Root.Children![Canary.Text].Content.Length);
        _history.MakeDurable(); // the sync succeeded
    }

    // After a failed write or flush: changes are refused, nothing is ever called durable again.
    private void CheckThatItSaysSo()
    {
        for (int i = 0; i < 2; i++)
        {
            Assert.NotEqual(Errno.None, _fileSystem.Sync());
            Assert.Equal(Errno.EROFS, _driver.Apply(new(OperationKind.CreateFile, "refused")));
        }
    }

    private void Recover(bool powerIsLost)
    {
        long before = _medium.OperationCount;
        _fileSystem.Dispose();
        Assert.Equal(before, _medium.OperationCount);
        _vault.CheckLog();
        _medium.ClearPlan();
        if (powerIsLost)
        {
            _statistics.AddCrash();
            CrashPoint crash = _medium.TakeCrashPoint();
            for (int i = 0; i < SiblingsOfACrash; i++)
            {
                Survival sibling = (Survival)_random.Next((int)Survival.AllButSuperblocks + 1);
                SparseImage image = crash.Image(sibling, _random.Next());
                Recovery.Check(image, _vault, _history.Allowed(), HadFailedFlush);
                if (_random.Next(8) == 0)
                    Recovery.GoOn(image, _vault, HadFailedFlush);
            }

            _earlierMediumOperations += _medium.OperationCount;
            _earlierFaults += _medium.FaultCount;
            _earlierFailedFlushes += _medium.FailedFlushCount;
            long capacity = _medium.CapacityBytes;
            _medium = NewMedium(crash.Image(_survival, _random.Next()));
            _medium.CapacityBytes = capacity;
        }

        Recovery.Check(_medium.Snapshot(), _vault, _history.Allowed(), HadFailedFlush);
        _failedFlushesBefore = _medium.FailedFlushCount;
        _fileSystem = _vault.Open(_medium, acceptOlder: HadFailedFlush);
        Assert.False(_fileSystem.IsReadOnly, "The vault opens read-only.");
        _driver = new VaultDriver(_fileSystem);
        _history.GoOnFrom(VaultDriver.ReadAll(_fileSystem), isDurable: powerIsLost);
        if (!powerIsLost && _random.Next(2) == 0)
            SyncWhatWasFound();
    }

    // What a process before had written may be in the host's cache only: a sync promises it all the same, changed or not.
    private void SyncWhatWasFound()
    {
        Do(new(OperationKind.Sync));
        if (_fileSystem.IsReadOnly || _random.Next(2) == 0)
            return;
        _survival = Survival.Nothing;
        Recover(powerIsLost: true);
    }

    // With a host that works again the vault does too.
    private void End()
    {
        try
        {
            _medium.ClearPlan();
            _medium.CapacityBytes = long.MaxValue;
            Check();
            Assert.Equal(Errno.None, _fileSystem.Sync());
            _history.MakeDurable();
            _fileSystem.Close();
            Recovery.Check(_medium.Snapshot(), _vault, _history.Allowed(), HadFailedFlush);
            CheckNonces();
        }
        catch (Exception e) when (e is not SimulationException)
        {
            throw new SimulationException($"At the end, {e.GetType().Name}: {e.Message}", e);
        }
    }

    private SimulatedMedium NewMedium(SparseImage image) => new(_random.Next(), image) { Canary = Canary.Bytes };
}
