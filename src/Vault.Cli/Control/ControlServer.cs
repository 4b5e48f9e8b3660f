using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Vault.Cli.Interop;

namespace Vault.Cli;

/// <summary>
/// A server's control socket: answers <see cref="ControlRequest"/>s of the same user. One connection, one request; each
/// has a thread, because a lock waits for the last commit while status is still answered.
/// </summary>
internal sealed class ControlServer : IDisposable
{
    private const int SOL_SOCKET = 1;
    private const int SO_PEERCRED = 17;
    private const int RequestTimeoutMs = 5000;

    private readonly Socket _listener;
    private readonly string _path;
    private readonly IServedVault _vault;
    private readonly ILogger _logger;
    private readonly CountdownEvent _connections = new(1);
    private int _isDisposed;

    private ControlServer(Socket listener, string path, IServedVault vault, ILogger logger)
    {
        _listener = listener;
        _path = path;
        _vault = vault;
        _logger = logger;
    }

    /// <summary>Starts to listen at <c>DIRECTORY/PID.sock</c>.</summary>
    /// <exception cref="CliException">The socket cannot be made.</exception>
    public static ControlServer Start(string directory, IServedVault vault, ILogger logger)
    {
        string path = Path.Combine(directory, $"{Environment.ProcessId}.sock");
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // One of our own number can only be left over from a process that is gone.
            File.Delete(path);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
        }
        catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            listener.Dispose();
            throw new CliException(ExitCode.ServerFailed, $"The control socket {path} cannot be made: {exception.Message}", null, exception);
        }

        ControlServer server = new(listener, path, vault, logger);
        new Thread(server.AcceptAll) { IsBackground = true, Name = "control" }.Start();
        return server;
    }

    /// <summary>
    /// Removes the socket and waits until answers under way are sent. Each takes bounded time once the vault is closed: a
    /// lock waits for the kernel only, which may be dropping a million inodes, and the sockets have time limits.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        File.Delete(_path);
        _listener.Dispose();
        _ = _connections.Signal();
        _connections.Wait();
    }

    private void AcceptAll()
    {
        while (true)
        {
            Socket connection;
            try
            {
                connection = _listener.Accept();
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Dispose closed the listener: the only way in which this loop ends.
                return;
            }

            if (!_connections.TryAddCount())
            {
                connection.Dispose();
                return;
            }

            new Thread(() => Answer(connection)) { IsBackground = true, Name = "control connection" }.Start();
        }
    }

    private void Answer(Socket connection)
    {
        try
        {
            using (connection)
            {
                connection.ReceiveTimeout = RequestTimeoutMs;
                connection.SendTimeout = RequestTimeoutMs;
                ControlReply reply = IsSameUser(connection)
                    ? Handle(connection)
                    : new ControlReply(Error: "Only the user who unlocked the vault may control it.");
                ControlChannel.Send(connection, reply, CliJson.Default.ControlReply);
            }
        }
        catch (SocketException exception)
        {
            _logger.LogWarning("A control connection broke: {Reason}.", exception.SocketErrorCode);
        }
        finally
        {
            _ = _connections.Signal();
        }
    }

    private ControlReply Handle(Socket connection)
    {
        ControlRequest? request = new ControlChannel(connection, ControlChannel.MaximumRequestBytes).Receive(CliJson.Default.ControlRequest);
        return request?.Command switch
        {
            ControlRequest.Status => new ControlReply(Status: _vault.Status),
            ControlRequest.Lock => new ControlReply(Lock: _vault.Lock(request.Force)),
            ControlRequest.Check => new ControlReply(Check: CheckConnection.Run(connection, _vault)),
            _ => new ControlReply(Error: "Not a request that this server knows."),
        };
    }

    private static bool IsSameUser(Socket connection)
    {
        // struct ucred: pid, uid, gid.
        Span<uint> credentials = stackalloc uint[3];
        int length = connection.GetRawSocketOption(SOL_SOCKET, SO_PEERCRED, MemoryMarshal.AsBytes(credentials));
        return length == credentials.Length * sizeof(uint) && credentials[1] == Libc.geteuid();
    }
}
