using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Vault.Fuse.Dispatch;
using Vault.Fuse.Protocol;
using Vault.Storage;

namespace Vault.Fuse.Transport;

/// <summary>
/// Serves a connection over /dev/fuse with dedicated threads: a pool thread may be starved, and a thread that answers what it
/// read needs no hand-over.
/// </summary>
internal sealed class DeviceTransport : IDisposable
{
    private static readonly TimeSpan WakeInterval = TimeSpan.FromMilliseconds(10);

    private readonly FuseSession _session;
    private readonly FuseDispatcher _dispatcher;

    // Not disposed of: somebody may still wait on it.
    private readonly ManualResetEventSlim _ended = new();
    private readonly List<DeviceChannel> _channels = [];
    private readonly List<DeviceWorker> _workers = [];
    private readonly Lock _lock = new();

    // Guarded by _lock, as are additions to the lists.
    private int _runningCount;

    /// <summary>Takes over the mounted device.</summary>
    public DeviceTransport(SafeFileHandle device, FuseSession session)
    {
        _session = session;
        _dispatcher = new FuseDispatcher(session);
        _channels.Add(new DeviceChannel(device));
        session.AttributesChanged = NotifyAttributesChanged;
    }

    /// <summary>How many threads serve where nobody said: enough that a few can wait for the disk.</summary>
    public static int DefaultThreadCount => Math.Clamp(2 * Environment.ProcessorCount, 2, 4);

    /// <summary>Starts the first thread, which answers INIT.</summary>
    public void StartFirst()
    {
        lock (_lock)
            StartWorker(_channels[0]);
    }

    /// <summary>Starts the other threads, each on a channel of its own where the kernel can.</summary>
    /// <param name="threadCount">Threads in all, the first included.</param>
    public void StartOthers(int threadCount)
    {
        lock (_lock)
        {
            for (int i = 1; i < threadCount && _runningCount > 0; i++)
            {
                DeviceChannel? channel = _channels[0].TryClone(out int errno);
                if (channel is null)
                    FuseLog.CloneFailed(_session.Logger, errno);
                else
                    _channels.Add(channel);
                StartWorker(channel ?? _channels[0]);
            }
        }
    }

    /// <summary>Waits until the kernel has ended the connection and no thread serves any more.</summary>
    public bool WaitForEnd(TimeSpan timeout) => _ended.Wait(timeout);

    /// <summary>Ends the threads though the connection lives, then closes it: whoever still uses the mount gets ENOTCONN.</summary>
    public void Stop()
    {
        while (!_ended.IsSet)
        {
            foreach (DeviceWorker worker in _workers)
                worker.RequestStop();
            if (_workers.Count == 0 || _ended.Wait(WakeInterval))
                break;
        }
    }

    /// <summary>Stops if need be, closes the device and frees the buffers.</summary>
    public void Dispose()
    {
        Stop();
        foreach (DeviceWorker worker in _workers)
            worker.Dispose();
        foreach (DeviceChannel channel in _channels)
            channel.Dispose();
    }

    // That the kernel has nothing cached of the inode is no failure, nor is a connection that has ended.
    private void NotifyAttributesChanged(InodeNumber inode)
    {
        Span<byte> message = stackalloc byte[Unsafe.SizeOf<FuseOutHeader>() + Unsafe.SizeOf<FuseNotifyInvalInodeOut>()];
        var header = new FuseOutHeader { Len = (uint)message.Length, Error = (int)FuseNotifyCode.InvalInode };
        var body = new FuseNotifyInvalInodeOut { Ino = inode.Value, Off = -1 };
        MemoryMarshal.Write(message, in header);
        MemoryMarshal.Write(message[Unsafe.SizeOf<FuseOutHeader>()..], in body);
        _channels[0].Notify(message);
    }

    private void StartWorker(DeviceChannel channel)
    {
        var worker = new DeviceWorker(channel, _session, _dispatcher, _workers.Count, OnWorkerEnded);
        _workers.Add(worker);
        _runningCount++;
        worker.Start();
    }

    private void OnWorkerEnded()
    {
        lock (_lock)
        {
            if (--_runningCount > 0)
                return;

            // With the last channel the kernel ends the connection: nobody may hang on a mount that nobody serves.
            foreach (DeviceChannel channel in _channels)
                channel.Dispose();
        }

        _ended.Set();
    }
}
