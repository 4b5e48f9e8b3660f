using Vault.Crypto;

namespace Vault.Storage.Tests.Simulation;

/// <summary>
/// Executes a case: operations on a vault and on the model, with crashes, failures of the host and recoveries between
/// them. Throws at the first thing that must not be.
/// </summary>
internal sealed class SimulationRun : IDisposable
{
    private const int SiblingsOfACrash = 2;

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

    public SimulationRun(SimulationCase @case, SimulationStatistics statistics)
    {
        _case = @case;
        _statistics = statistics;
        _random = new Random(@case.Seed);
        SealingSession.NonceObserver.Value = _nonces;
        VaultOpenOptions options = new() { PageCacheBytes = @case.PageCacheBytes, DirtyDataBytes = @case.DirtyDataBytes };
        _vault = new SimulatedVault(@case.Seed, options);
        _medium = NewMedium(_vault.Create(@case.ChunkSize));
        _fileSystem = _vault.Open(_medium);
        _driver = new VaultDriver(_fileSystem);
    }

    /// <summary>Called with the medium when the vault is open for the first time.</summary>
    public Action<SimulatedMedium, StateHistory>? OnOpened { get; init; }

    public SimulatedVault Vault => _vault;

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
            case OperationKind.Kill:
                Recover(powerIsLost: false);
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
            default:
                Do(operation);
                break;
        }
    }

    private void AfterStep()
    {
        if (!_medium.HasPower)
        {
            Recover(powerIsLost: true);
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
        if (!_medium.HasPower)
            return;
        if (outcome is Errno.EIO or Errno.EROFS or Errno.ENOSPC)
        {
            _history.Refuse();
            CheckReason(operation, outcome, _medium.FaultCount > faults);
            return;
        }

        if (operation.Kind == OperationKind.Read && outcome == Errno.None)
            CheckRead(operation);
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
                or OperationKind.SetMode or OperationKind.SetModifyTime or OperationKind.Read or OperationKind.Open or OperationKind.Close;
            Assert.False(needsNone, "ENOSPC for what needs no space.");
            return;
        }

        Assert.True(failedHere || _fileSystem.IsReadOnly, $"{outcome} without a failure of the host.");
    }

    private void CheckRead(in Operation operation)
    {
        Assert.Equal(Errno.None, _history.Current.Find(operation.Path, out ModelNode? node));
        byte[] content = node!.Content;
        int start = (int)Math.Min(operation.Offset, content.Length);
        int length = Math.Min(operation.Length, content.Length - start);
        Assert.True(content.AsSpan(start, length).SequenceEqual(_driver.LastRead), "Wrong data was read.");
    }

    private void Check()
    {
        int planned = _medium.ReadsUntilError;
        _medium.ReadsUntilError = -1;
        if (ModelDifference.Between(_history.Current, VaultDriver.ReadAll(_fileSystem)) is { } difference)
            throw new SimulationException($"The vault in use is not what it should be: {difference}.");
        _medium.ReadsUntilError = planned;
    }

    private void Lock()
    {
        try
        {
            _fileSystem.Close();
        }
        catch (VaultException)
        {
            if (_medium.HasPower)
                Recover(powerIsLost: false);
            return;
        }

        if (!_medium.HasPower)
            return; // after the last flush
        Assert.True(_medium.FailedFlushCount == _failedFlushesBefore, "A vault closes well over a flush that failed.");
        _history.MakeDurable();
        Recover(powerIsLost: false);
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
                Recovery.Check(image, _vault, _history.Allowed());
                if (_random.Next(8) == 0)
                    Recovery.GoOn(image, _vault);
            }

            _earlierMediumOperations += _medium.OperationCount;
            _earlierFaults += _medium.FaultCount;
            long capacity = _medium.CapacityBytes;
            _medium = NewMedium(crash.Image(_survival, _random.Next()));
            _medium.CapacityBytes = capacity;
        }

        Recovery.Check(_medium.Snapshot(), _vault, _history.Allowed());
        _failedFlushesBefore = _medium.FailedFlushCount;
        _fileSystem = _vault.Open(_medium);
        _driver = new VaultDriver(_fileSystem);
        _history.GoOnFrom(VaultDriver.ReadAll(_fileSystem), isDurable: powerIsLost);
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
            Recovery.Check(_medium.Snapshot(), _vault, _history.Allowed());
            CheckNonces();
        }
        catch (Exception e) when (e is not SimulationException)
        {
            throw new SimulationException($"At the end, {e.GetType().Name}: {e.Message}", e);
        }
    }

    private SimulatedMedium NewMedium(SparseImage image) => new(_random.Next(), image) { Canary = Canary.Bytes };
}
