using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using Vault.Fuse.Dispatch;
using Vault.Fuse.Interop;
using Vault.Fuse.Mount;
using Vault.Fuse.Transport;
using Vault.Storage;

namespace Vault.Fuse;

/// <summary>Serves a vault's file system at a mount point: one mount, its kernel connection and its threads.</summary>
public sealed class FuseServer : IDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How long a detached mount that nobody uses may take to end.</summary>
    private static readonly TimeSpan DetachTimeout = TimeSpan.FromSeconds(2);

    private readonly FuseSession _session;
    private readonly DeviceTransport _transport;
    private readonly string _path;
    private ActiveMount? _mount;
    private bool _isDisposed;

    private FuseServer(SafeFileHandle device, string path, VaultFileSystem fileSystem, FuseMountOptions options)
    {
        _path = path;
        ConnectionWishes wishes = new()
        {
            WritebackCache = options.WritebackCache,
            AccessControlLists = options.AccessControlLists,
            Durable = options.Synchronous ? DurableReplies.All : options.SynchronousNames ? DurableReplies.Names : DurableReplies.None,
            AccessTimes = options.AccessTimes,
        };
        _session = new FuseSession(fileSystem, wishes, options.Logger ?? NullLogger.Instance);
        _transport = new DeviceTransport(device, _session);
    }

    /// <summary>
    /// Mounts, as root by mount(2) and otherwise by fusermount3, and starts serving. Returns when the mount answers
    /// (INIT is done and the root directory was looked at). A dead mount of vaultfs at the mount point is cleaned up first.
    /// </summary>
    /// <exception cref="MountException">Nothing is mounted then.</exception>
    public static FuseServer Start(VaultFileSystem fileSystem, FuseMountOptions options)
    {
        ArgumentNullException.ThrowIfNull(fileSystem);
        ArgumentNullException.ThrowIfNull(options);
        SafeFileHandle device = Mounter.Mount(options, out string path);
        var server = new FuseServer(device, path, fileSystem, options);
        try
        {
            server.BeginService(options.ThreadCount > 0 ? options.ThreadCount : DeviceTransport.DefaultThreadCount);
        }
        catch
        {
            server.Dispose();
            throw;
        }

        return server;
    }

    /// <summary>
    /// Checks the mount point as <see cref="Start"/> will, without mounting: to fail before a passphrase is asked for.
    /// A dead mount of vaultfs there is no failure.
    /// </summary>
    /// <exception cref="MountException">What <see cref="Start"/> would find.</exception>
    public static void CheckMountPoint(string mountPoint)
    {
        ArgumentNullException.ThrowIfNull(mountPoint);
        _ = MountPointCheck.Check(mountPoint);
    }

    /// <summary>Waits until the kernel ends the connection (unmounted by anybody) and all threads have gone.</summary>
    /// <returns>Whether it ended within the time.</returns>
    public bool WaitForEnd(TimeSpan timeout) => _transport.WaitForEnd(timeout);

    /// <summary>Unmounts: dirty pages are written to this server meanwhile, so never call it from a serving thread.</summary>
    /// <param name="detach">Detach at once though processes use it (MNT_DETACH); they keep being served.</param>
    public UnmountOutcome Unmount(bool detach) => _mount?.Unmount(detach) ?? UnmountOutcome.Unmounted;

    /// <summary>Unmounts with detach if still mounted, and ends the threads.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        if (!_transport.WaitForEnd(TimeSpan.Zero))
        {
            _mount ??= ActiveMount.TryFind(_path);
            if (Unmount(detach: true) == UnmountOutcome.Unmounted)
                _ = _transport.WaitForEnd(DetachTimeout);
        }

        _isDisposed = true;
        _transport.Dispose();
        _session.Dispose();
    }

    private void BeginService(int threadCount)
    {
        _mount = ActiveMount.TryFind(_path) ?? throw Refused("it was unmounted at once by somebody else");
        _transport.StartFirst();
        if (!_session.WaitForInit(StartTimeout))
            throw Refused($"the kernel did not begin to use it within {StartTimeout.TotalSeconds} seconds");
        if (_session.InitFailure is not null)
            throw Refused(_session.InitFailure);
        _transport.StartOthers(threadCount);
        int answer = MountProbe.Ask(_path, StartTimeout);
        if (answer == MountProbe.NoAnswer)
            throw Refused($"the mount did not answer within {StartTimeout.TotalSeconds} seconds");
        if (answer != 0)
            throw Refused($"the mount answered: {SystemError.Describe(answer)}");
        if (Identity.IsRoot)
            BdiTuning.Apply(_mount.Identity.Device, _session.Logger);
    }

    private MountException Refused(string reason) => new(MountFailure.Refused, $"Mounting at {_path} failed: {reason}.");
}
