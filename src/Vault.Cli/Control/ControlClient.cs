using System.Net.Sockets;
using Vault.Storage;

namespace Vault.Cli;

/// <summary>Asks a server over its control socket.</summary>
internal static class ControlClient
{
    /// <param name="socketPath">The server's socket.</param>
    /// <param name="request">What to ask.</param>
    /// <param name="timeout">How long to wait for the answer; null waits as long as it takes.</param>
    /// <returns>The answer, or null if the server closed the connection without one.</returns>
    /// <exception cref="SocketException">Nobody listens there, or no answer came in time.</exception>
    public static ControlReply? Ask(string socketPath, ControlRequest request, TimeSpan? timeout)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        socket.ReceiveTimeout = timeout is { } limit ? (int)limit.TotalMilliseconds : 0;
        ControlChannel.Send(socket, request, CliJson.Default.ControlRequest);
        return new ControlChannel(socket, ControlChannel.MaximumReplyBytes).Receive(CliJson.Default.ControlReply);
    }

    /// <summary>Has the server check its vault. Going away cancels the check there.</summary>
    /// <param name="socketPath">The server's socket.</param>
    /// <param name="onFinding">Gets findings as they come.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The last line, or null if the server closed the connection without one.</returns>
    /// <exception cref="SocketException">Nobody listens there, or the connection broke.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled here.</exception>
    public static ControlReply? Check(string socketPath, Action<CheckFinding> onFinding, IProgress<CheckProgress> progress, CancellationToken cancellation)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        using CancellationTokenRegistration ending = cancellation.Register(() => socket.Shutdown(SocketShutdown.Both));
        ControlChannel.Send(socket, new ControlRequest(ControlRequest.Check), CliJson.Default.ControlRequest);
        ControlChannel channel = new(socket, ControlChannel.MaximumReplyBytes);
        while (true)
        {
            ControlReply? reply = channel.Receive(CliJson.Default.ControlReply);
            cancellation.ThrowIfCancellationRequested();
            switch (reply)
            {
                case { Finding: { } finding }:
                    onFinding(finding);
                    break;
                case { Progress: { } done }:
                    progress.Report(done);
                    break;
                default:
                    return reply;
            }
        }
    }
}
