using System.Runtime.InteropServices;

namespace Vault.Cli;

/// <summary>
/// SIGTERM, SIGINT and SIGHUP end the mount; the process exits by itself when the last commit is done. Made before mounting,
/// so that no signal leaves a mount without a server.
/// </summary>
internal sealed class ShutdownSignals : IDisposable
{
    private readonly Lock _lock = new();
    private readonly PosixSignalRegistration[] _registrations;
    private MountedVault? _vault;
    private bool _isReceived;

    public ShutdownSignals()
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle),
        ];
    }

    /// <summary>From here on signals end this vault; one that came before ends it now.</summary>
    public void Attach(MountedVault vault)
    {
        lock (_lock)
        {
            _vault = vault;
            if (_isReceived)
            {
                Start(vault);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (_lock)
        {
            if (!_isReceived && _vault is not null)
            {
                Start(_vault);
            }

            _isReceived = true;
        }
    }

    private static void Start(MountedVault vault) => new Thread(vault.Shutdown) { IsBackground = true, Name = "shutdown" }.Start();
}
