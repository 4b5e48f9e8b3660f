using System.Runtime.InteropServices;

namespace Vault.Cli;

/// <summary>
/// From its making on, the first SIGINT, SIGTERM or SIGHUP cancels the token instead of ending the process; a second one ends
/// it. Made after the prompt for a passphrase, which they must still end.
/// </summary>
internal sealed class CancelBySignal : IDisposable
{
    // Never disposed of: a handler may run still when the registrations are gone.
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public CancelBySignal()
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle),
        ];
    }

    public CancellationToken Token => _source.Token;

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
        context.Cancel = !_source.IsCancellationRequested;
        _source.Cancel();
    }
}
