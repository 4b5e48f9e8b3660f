using System.Net.Sockets;

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
        return ControlChannel.Receive(socket, CliJson.Default.ControlReply);
    }
}
