using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Vault.Cli.Interop;
using Vault.Crypto;
using Vault.Fuse;
using Vault.Fuse.Mount;
using Vault.Storage;

namespace Vault.Cli;

/// <summary>A vault that is open and mounted in this process, until somebody unmounts it.</summary>
internal sealed class MountedVault : IServedVault, IDisposable
{
    /// <summary>How long a forced lock waits for processes to let go of their files.</summary>
    private static readonly TimeSpan DetachTimeout = TimeSpan.FromSeconds(5);

    /// <summary>For so long somebody who only looks at the mount (df, an indexer) may be in its way: it is then in use by nobody.</summary>
    private static readonly TimeSpan PassingUse = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(20);

    private readonly VaultFileSystem _fileSystem;
    private readonly FuseServer _fuse;
    private readonly ILogger _logger;
    private readonly ServedChecks _checks;
    private readonly TaskCompletionSource<LockReply> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private MountedVault(VaultFileSystem fileSystem, FuseServer fuse, ServerStatus status, OpeningNotice? notice, ILogger logger)
    {
        _fileSystem = fileSystem;
        _fuse = fuse;
        _logger = logger;
        _checks = new ServedChecks(logger);
        Status = status;
        Notice = notice;
    }

    /// <inheritdoc/>
    public ServerStatus Status { get; }

    /// <inheritdoc/>
    public CancellationToken Closing => _checks.Closing;

    /// <summary>What opening found that a person should know; null after a lock.</summary>
    public OpeningNotice? Notice { get; }

    /// <summary>Opens and mounts; returns when the mount answers.</summary>
    /// <exception cref="VaultException">The vault cannot be opened.</exception>
    /// <exception cref="MountException">It cannot be mounted.</exception>
    public static MountedVault Open(ServerStart start, MasterKey master, string? logPath, ILogger logger)
    {
        VaultfsSettings settings = start.Settings;
        VaultOpenOptions options = new()
        {
            ReadOnly = settings.ReadOnly,
            AcceptOlderState = start.AcceptOlderState,
            PageCacheBytes = (long)settings.PageCacheMib << 20,
            DirtyDataBytes = (long)settings.DirtyDataMib << 20,
            CommitInterval = TimeSpan.FromSeconds(settings.CommitIntervalSeconds),
            Logger = logger,
        };
        (VaultFileSystem fileSystem, OpeningReport report) = FailureMap.About(start.Vault, () =>
        {
            VaultFileSystem opened = VaultContainer.Open(FileMedium.Open(start.Vault, settings.ReadOnly, logger), master, options, out OpeningReport found);
            return (opened, found);
        });
        FuseServer fuse;
        try
        {
            fuse = FuseServer.Start(fileSystem, MountOptions(start, fileSystem.IsReadOnly, logger));
        }
        catch
        {
            fileSystem.Dispose();
            throw;
        }

        ServerStatus status = new()
        {
            Vault = start.Vault,
            MountPoint = start.MountPoint,
            Pid = Environment.ProcessId,
            State = ServerStatus.Serving,
            ReadOnly = fileSystem.IsReadOnly,
            Since = TimeProvider.System.GetUtcNow(),
            Id = start.VaultId,
            Generation = report.Generation,
            Log = logPath,
        };
        logger.LogInformation("Vault {Id} is mounted: generation {Generation}.", start.VaultId, report.Generation);
        OpeningNotice? notice = OpeningNotice.Of(report, fileSystem.IsReadOnly);
        if (notice is not null)
        {
            logger.Log(notice.IsWarning ? LogLevel.Warning : LogLevel.Information, "{Notice}", notice.Text);
        }

        return new MountedVault(fileSystem, fuse, status, notice, logger);
    }

    /// <summary>Serves until the mount is gone, then commits and closes.</summary>
    /// <returns><see cref="ExitCode.Success"/> or <see cref="ExitCode.CommitFailed"/>.</returns>
    public ExitCode Serve()
    {
        try
        {
            _ = _fuse.WaitForEnd(Timeout.InfiniteTimeSpan);
            _checks.End();
            _closed.SetResult(Close());
        }
        finally
        {
            // A bug met while closing must not leave a lock waiting for ever.
            _ = _closed.TrySetCanceled();
        }

        LockReply end = _closed.Task.Result;
        return end.Outcome == LockOutcome.Locked ? ExitCode.Success : ExitCode.CommitFailed;
    }

    /// <inheritdoc/>
    public LockReply Lock(bool force)
    {
        (UnmountOutcome outcome, List<MountUser> users) = Unmount();
        bool detached = outcome == UnmountOutcome.Busy && force;
        if (detached)
        {
            outcome = Detach();
        }

        return outcome switch
        {
            UnmountOutcome.Busy => new LockReply(LockOutcome.Busy, users),
            UnmountOutcome.Refused => new LockReply(LockOutcome.Refused, [], "The kernel or fusermount3 refused to unmount."),
            _ when _closed.Task.Wait(detached ? DetachTimeout : Timeout.InfiniteTimeSpan) => _closed.Task.Result,
            _ => new LockReply(LockOutcome.DetachedInUse, users),
        };
    }

    /// <inheritdoc/>
    public CheckReply Check(Action<CheckFinding> onFinding, IProgress<CheckProgress> progress, CancellationToken cancellation) =>
        _checks.Run(() => _fileSystem.Check(onFinding, progress, cancellation));

    /// <summary>Ends the mount whatever uses it: what was written is kept, files still open become unusable.</summary>
    public void Shutdown()
    {
        if (Unmount().Outcome == UnmountOutcome.Unmounted)
        {
            return;
        }

        _logger.LogWarning("The mount is in use while the server is told to end: it is detached.");
        _ = Detach();
        if (!_closed.Task.Wait(DetachTimeout))
        {
            _fuse.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _fuse.Dispose();
        _checks.Dispose();
        _fileSystem.Dispose();
    }

    private static FuseMountOptions MountOptions(ServerStart start, bool readOnly, ILogger logger)
    {
        _ = MountOptionList.Parse(start.Settings.MountOptions, out MountOptionList options);
        return new()
        {
            MountPoint = start.MountPoint,
            Source = options.SourceName ?? start.Vault,
            ReadOnly = readOnly,
            AllowOther = start.Settings.AllowOther,
            AllowSetId = options.SetId,
            AllowDevices = options.Devices,
            NoExecution = options.NoExecution,
            Synchronous = options.Synchronous,
            SynchronousNames = options.SynchronousNames,
            AccessTimes = options.AccessTimes,
            AccessControlLists = !options.NoAccessControlLists,
            WritebackCache = start.Settings.WritebackCache,
            ThreadCount = start.Settings.Threads,
            Logger = logger,
        };
    }

    private (UnmountOutcome Outcome, List<MountUser> Users) Unmount()
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            UnmountOutcome outcome = _fuse.Unmount(detach: false);
            List<MountUser> users = outcome == UnmountOutcome.Busy ? UsersOfMount() : [];
            if (outcome != UnmountOutcome.Busy || users.Count > 0 || Stopwatch.GetElapsedTime(start) > PassingUse)
                return (outcome, users);
            Thread.Sleep(RetryInterval);
        }
    }

    private UnmountOutcome Detach()
    {
        // Detaching writes nothing back of files that are open: do it while they can still be reached.
        int error = Libc.SyncFileSystem(Status.MountPoint);
        if (error != 0)
        {
            _logger.LogWarning("Writing back before detaching failed: errno {Errno}.", error);
        }

        return _fuse.Unmount(detach: true);
    }

    private List<MountUser> UsersOfMount() =>
    [
        .. BusyProcesses.Find(Status.MountPoint)
            .Where(process => process.ProcessId != Environment.ProcessId)
            .Select(process => new MountUser(process.ProcessId, process.Command)),
    ];

    private LockReply Close()
    {
        try
        {
            _fileSystem.Close();
            _logger.LogInformation("Vault {Id} is locked.", Status.Id);
            return new LockReply(LockOutcome.Locked, []);
        }
        catch (VaultException exception)
        {
            _logger.LogError(exception, "The last commit of vault {Id} failed.", Status.Id);
            return new LockReply(LockOutcome.CommitFailed, [], exception.Message);
        }
    }
}
