using System.Runtime.InteropServices;

namespace Vault.Cli.Commands;

/// <summary>
/// A file that is being made: unless it is completed it is deleted, also when SIGINT, SIGTERM or SIGHUP ends the process.
/// Made before the file, so that no moment is left out.
/// </summary>
internal sealed class UnfinishedFile : IDisposable
{
    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly PosixSignalRegistration[] _registrations;
    private State _state = State.Expected;
    private bool _isInterrupted;

    private enum State
    {
        /// <summary>Not made yet, or not known to be ours.</summary>
        Expected,

        /// <summary>Ours and unfinished.</summary>
        There,

        /// <summary>Complete, or deleted.</summary>
        Settled,
    }

    public UnfinishedFile(string path)
    {
        _path = path;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle),
        ];
    }

    /// <summary>The file is there and is ours: from here on it is deleted unless <see cref="Complete"/> is called.</summary>
    /// <exception cref="CliException">A signal came meanwhile.</exception>
    public void Appeared()
    {
        lock (_lock)
        {
            _state = State.There;
            ThrowIfInterrupted();
        }
    }

    /// <summary>The file stays.</summary>
    /// <exception cref="CliException">A signal came that did not end the process, and the file is gone.</exception>
    public void Complete()
    {
        lock (_lock)
        {
            ThrowIfInterrupted();
            _state = State.Settled;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        lock (_lock)
        {
            Delete();
        }
    }

    private void Handle(PosixSignalContext context)
    {
        lock (_lock)
        {
            // Before the file is known to be ours it must not be deleted: Appeared does it then. Afterwards the signal ends the process.
            context.Cancel = _state == State.Expected;
            _isInterrupted = true;
            Delete();
        }
    }

    private void ThrowIfInterrupted()
    {
        if (_isInterrupted)
        {
            throw new CliException(ExitCode.Cancelled, $"Interrupted; {_path} was not created.");
        }
    }

    private void Delete()
    {
        if (_state == State.There)
        {
            File.Delete(_path);
            _state = State.Settled;
        }
    }
}
