using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Vault.Fuse.Dispatch;
using Vault.Fuse.Interop;
using Vault.Fuse.Protocol;
using Vault.Fuse.Tests.Support;
using Vault.Fuse.Transport;

namespace Vault.Fuse.Tests.Transport;

/// <summary>The device is played by a pair of sockets that keep the bounds of messages, as the device does.</summary>
public sealed class DeviceTransportTests : IDisposable
{
    private const int UnixDomain = 1;
    private const int SequencedPackets = 5;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private readonly TestVault _vault = new();
    private readonly RecordingLogger _logger = new();
    private readonly FuseSession _session;
    private readonly DeviceTransport _transport;
    private readonly SafeFileHandle _kernel;

    public unsafe DeviceTransportTests()
    {
        int* ends = stackalloc int[2];
        Assert.Equal(0, LibC.socketpair(UnixDomain, SequencedPackets, 0, ends));
        _kernel = new SafeFileHandle(ends[1], ownsHandle: true);
        _session = new FuseSession(_vault.FileSystem, new ConnectionWishes(), _logger);
        _transport = new DeviceTransport(new SafeFileHandle(ends[0], ownsHandle: true), _session);
    }

    public void Dispose()
    {
        _transport.Dispose();
        _kernel.Dispose();
        _session.Dispose();
        _vault.Dispose();
    }

    // Goal: what comes in on a channel is answered on it, by every thread, also where the device cannot be cloned.
    // Method: INIT, then more requests than threads; a socket cannot be cloned.
    [Fact]
    public void Requests_are_answered()
    {
        using var client = new FuseClient(_vault.FileSystem);
        _transport.StartFirst();
        byte[] init = Bytes.New.U32(7).U32(38).U32(0).U32(0).ToArray();
        Assert.Equal(0, Ask(client.Request(FuseOpcode.Init, 0, init)).Error);
        Assert.True(_session.WaitForInit(Soon));
        _transport.StartOthers(3);
        for (int i = 0; i < 100; i++)
        {
            byte[] request = client.Request(FuseOpcode.GetAttr, FuseProtocol.RootId, new byte[16]);
            FuseOutHeader header = Ask(request);
            Assert.Equal((0, 16u + 104u, MemoryMarshal.Read<FuseInHeader>(request).Unique), (header.Error, header.Len, header.Unique));
        }

        Assert.Equal(2, _logger.Entries.Count(entry => entry.Text.Contains("cannot be cloned", StringComparison.Ordinal)));
    }

    // Goal: threads that are blocked reading end when they are told to, and the channel is closed then.
    // Method: stop with nothing to serve.
    [Fact]
    public void Stop_ends_blocked_threads()
    {
        _transport.StartFirst();
        _transport.StartOthers(4);
        Assert.False(_transport.WaitForEnd(TimeSpan.FromMilliseconds(100)));
        var stop = new Thread(_transport.Stop);
        stop.Start();
        Assert.True(stop.Join(Soon));
        Assert.True(_transport.WaitForEnd(TimeSpan.Zero));
        byte[] nothing = new byte[1];
        Assert.Equal(0, DeviceCalls.Read((int)_kernel.DangerousGetHandle(), nothing));
    }

    // Goal: the end of the connection ends all threads.
    // Method: close the other side.
    [Fact]
    public void The_end_of_the_connection_ends_the_threads()
    {
        _transport.StartFirst();
        _transport.StartOthers(4);
        _kernel.Dispose();
        Assert.True(_transport.WaitForEnd(Soon));
    }

    private FuseOutHeader Ask(byte[] request)
    {
        Assert.Equal(0, DeviceCalls.Write((int)_kernel.DangerousGetHandle(), request));
        byte[] reply = new byte[1 << 16];
        int length = DeviceCalls.Read((int)_kernel.DangerousGetHandle(), reply);
        FuseOutHeader header = MemoryMarshal.Read<FuseOutHeader>(reply);
        Assert.Equal((uint)length, header.Len);
        return header;
    }
}
