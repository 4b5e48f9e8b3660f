using Vault.Fuse.Dispatch;
using Vault.Fuse.Interop;
using Vault.Fuse.Protocol;

namespace Vault.Fuse.Transport;

/// <summary>One serving thread: reads a request, serves it, sends the reply, with its own channel and buffers.</summary>
internal sealed class DeviceWorker : IDisposable
{
    private readonly DeviceChannel _channel;
    private readonly FuseSession _session;
    private readonly FuseDispatcher _dispatcher;
    private readonly Action _ended;
    private readonly RequestBuffers _buffers = new();
    private readonly Thread _thread;
    private readonly Lock _lock = new();

    // Guarded by _lock: the native thread's name, valid between its start and its end.
    private nuint _nativeThread;
    private bool _isRunning;

    private volatile bool _isStopping;

    /// <summary>Makes a worker that does not run yet.</summary>
    /// <param name="channel">Owned by the caller.</param>
    /// <param name="session">The connection.</param>
    /// <param name="dispatcher">Serves the requests.</param>
    /// <param name="index">For the thread's name.</param>
    /// <param name="ended">Called on the thread when it has stopped serving.</param>
    public DeviceWorker(DeviceChannel channel, FuseSession session, FuseDispatcher dispatcher, int index, Action ended)
    {
        _channel = channel;
        _session = session;
        _dispatcher = dispatcher;
        _ended = ended;
        _thread = new Thread(Run) { IsBackground = true, Name = $"fuse-{index}" };
    }

    /// <summary>Starts serving.</summary>
    public void Start() => _thread.Start();

    /// <summary>Makes the thread stop after the request that it serves. To be repeated until it has: a signal can come just too early.</summary>
    public void RequestStop()
    {
        _isStopping = true;
        lock (_lock)
        {
            if (_isRunning)
                ThreadWaker.Wake(_nativeThread);
        }
    }

    /// <summary>Wipes and frees the buffers. The thread must have ended.</summary>
    public void Dispose()
    {
        if (_thread.ThreadState != ThreadState.Unstarted)
            _thread.Join();
        _buffers.Dispose();
    }

    private void Run()
    {
        ServingThread.Declare();
        lock (_lock)
        {
            _nativeThread = ThreadWaker.CurrentThread();
            _isRunning = true;
        }

        try
        {
            while (!_isStopping && ServeOne())
            {
            }
        }
        finally
        {
            lock (_lock)
                _isRunning = false;
            _ended();
        }
    }

    /// <summary>Serves one request.</summary>
    /// <returns><see langword="false"/> when the connection has ended.</returns>
    private bool ServeOne()
    {
        int received = _channel.Receive(_buffers.Request);
        switch (received)
        {
            case > 0:
                break;
            case -SystemError.EINTR or -SystemError.EAGAIN or -SystemError.ENOENT:
                // ENOENT: the request was taken back while it was being read.
                return true;
            case -SystemError.ENODEV or -SystemError.ECONNABORTED:
                return false;
            default:
                // Nothing at all is no request either: a device never answers so.
                FuseLog.DeviceReadFailed(_session.Logger, -received);
                return false;
        }

        if (!_buffers.TryServe(_dispatcher, _session, received, out FuseInHeader header, out ReadOnlySpan<byte> reply))
        {
            FuseLog.RequestWithoutHeader(_session.Logger, received);
            return true;
        }

        if (!reply.IsEmpty)
            Send(in header, reply);
        return true;
    }

    private void Send(in FuseInHeader header, ReadOnlySpan<byte> reply)
    {
        int errno = _channel.Send(reply);
        while (errno == SystemError.EINTR || errno == SystemError.EAGAIN)
            errno = _channel.Send(reply);

        // ENOENT: nobody waits for the reply any more. ENODEV: the next read ends this thread.
        if (errno is not (0 or SystemError.ENOENT or SystemError.ENODEV or SystemError.ECONNABORTED))
            FuseLog.ReplyRefused(_session.Logger, header.Opcode, header.NodeId, errno);
    }
}
