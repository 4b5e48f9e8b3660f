using System.Runtime.InteropServices;

namespace Vault.Cli;

/// <summary>SIGTERM, SIGINT and SIGHUP end the mount; the process exits by itself when the last commit is done.</summary>
internal sealed class ShutdownSignals : IDisposable
{
    private readonly MountedVault _vault;
    private readonly PosixSignalRegistration[] _registrations;
    private int _received;

    public ShutdownSignals(MountedVault vault)
    {
        _vault = vault;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle),
        ];
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
        if (Interlocked.Exchange(ref _received, 1) == 0)
        {
            new Thread(_vault.Shutdown) { IsBackground = true, Name = "shutdown" }.Start();
        }
    }
}
