using Microsoft.Extensions.Logging;
using Vault.Storage;

namespace Vault.Cli;

/// <summary>The checks of a mounted vault: one at a time, and none any more once the vault closes.</summary>
internal sealed class ServedChecks : IDisposable
{
    private readonly Lock _turn = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly ILogger _logger;

    public ServedChecks(ILogger logger)
    {
        _logger = logger;
        Closing = _closing.Token;
    }

    /// <summary>Cancelled by <see cref="End"/>.</summary>
    public CancellationToken Closing { get; }

    /// <param name="check">The check; ends when <see cref="Closing"/> is cancelled.</param>
    public CheckReply Run(Func<CheckReport> check)
    {
        if (!_turn.TryEnter())
        {
            return new CheckReply(Closing.IsCancellationRequested ? CheckOutcome.Cancelled : CheckOutcome.AlreadyRunning);
        }

        try
        {
            return new CheckReply(CheckOutcome.Completed, check());
        }
        catch (OperationCanceledException)
        {
            return new CheckReply(CheckOutcome.Cancelled);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A check only reads: a bug in it must not end the mount.
            _logger.LogError(exception, "A check broke off.");
            CliException? failure = FailureMap.Translate(exception);
            return new CheckReply(CheckOutcome.Failed, null, failure?.ExitCode ?? ExitCode.InternalError, failure?.Message ?? exception.ToString());
        }
        finally
        {
            _turn.Exit();
        }
    }

    /// <summary>Cancels a check that runs, waits for its end, and lets none begin: the turn is never given back.</summary>
    public void End()
    {
        _closing.Cancel();
        _turn.Enter();
    }

    /// <inheritdoc/>
    public void Dispose() => _closing.Dispose();
}
