using System.Net.Sockets;
using Vault.Storage;

namespace Vault.Cli;

/// <summary>
/// A check that a client of the control socket waits for: sends findings and progress as they come. The client's going away
/// cancels the check; one that is slow (a pager reads from it, say) is waited for, unless the vault closes.
/// </summary>
internal sealed class CheckConnection : IProgress<CheckProgress>, IDisposable
{
    private const int PollMicroseconds = 100_000;

    /// <summary>A longer path is left out: the line must stay below <see cref="ControlChannel.MaximumReplyBytes"/>, each character escaped.</summary>
    private const int MaximumPathLength = 64 * 1024;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(200);

    private readonly Socket _connection;
    private readonly CancellationTokenSource _end;
    private long _lastProgress;

    private CheckConnection(Socket connection, CancellationToken closing)
    {
        _connection = connection;
        _end = CancellationTokenSource.CreateLinkedTokenSource(closing);
    }

    /// <returns>The last line to send.</returns>
    public static CheckReply Run(Socket connection, IServedVault vault)
    {
        using CheckConnection check = new(connection, vault.Closing);
        return vault.Check(check.Report, check, check._end.Token);
    }

    /// <summary>Sends how far it is, a few times a second.</summary>
    public void Report(CheckProgress value)
    {
        if (_lastProgress == 0 || TimeProvider.System.GetElapsedTime(_lastProgress) >= ProgressInterval)
        {
            _lastProgress = TimeProvider.System.GetTimestamp();
            Send(new ControlReply(Progress: value));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _end.Dispose();

    private void Report(CheckFinding finding) =>
        Send(new ControlReply(Finding: finding.Path?.Length > MaximumPathLength ? finding with { Path = null } : finding));

    private void Send(ControlReply reply)
    {
        try
        {
            // Many findings can come before the check looks at its token.
            while (!_end.IsCancellationRequested)
            {
                if (_connection.Poll(PollMicroseconds, SelectMode.SelectWrite))
                {
                    ControlChannel.Send(_connection, reply, CliJson.Default.ControlReply);
                    return;
                }
            }
        }
        catch (SocketException)
        {
            // Nobody listens any more. The check ends at its next look at the token.
            _end.Cancel();
        }
    }
}
