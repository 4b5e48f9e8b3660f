using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Vault.Cli.Tests.Control;

public sealed class ControlServerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeVault _vault = new();
    private readonly ControlServer _server;

    public ControlServerTests() => _server = ControlServer.Start(_directory.Path, _vault, NullLogger.Instance);

    private string SocketPath => _directory.File($"{Environment.ProcessId}.sock");

    public void Dispose()
    {
        _vault.Release.Set();
        _server.Dispose();
        _directory.Dispose();
    }

    // Goal: status comes over the socket as it is.
    // Method: ask.
    [Fact]
    public void Status_is_answered()
    {
        ControlReply? reply = ControlClient.Ask(SocketPath, new ControlRequest(ControlRequest.Status), TimeSpan.FromSeconds(10));

        Assert.Equal(_vault.Status, reply?.Status);
    }

    // Goal: a lock that waits for the last commit does not keep others from asking, and its answer arrives whole.
    // Method: hold the lock, ask for the status meanwhile, let go.
    [Fact]
    public async Task Status_is_answered_while_a_lock_waits()
    {
        Task<ControlReply?> locking = Task.Run(() => ControlClient.Ask(SocketPath, new ControlRequest(ControlRequest.Lock, Force: true), null));
        Assert.True(_vault.Entered.Wait(TimeSpan.FromSeconds(10)));

        ControlReply? status = ControlClient.Ask(SocketPath, new ControlRequest(ControlRequest.Status), TimeSpan.FromSeconds(10));
        Assert.False(locking.IsCompleted);
        _vault.Release.Set();
        ControlReply? locked = await locking;

        Assert.NotNull(status?.Status);
        Assert.Equal(LockOutcome.Busy, locked?.Lock?.Outcome);
        Assert.Equal([new MountUser(7, "vi")], locked?.Lock?.Processes ?? []);
        Assert.True(_vault.WasForced);
    }

    // Goal: whatever is sent, the server answers or hangs up, and goes on.
    // Method: lines that are no request, then a good one.
    [Theory]
    [InlineData("\n")]
    [InlineData("nonsense\n")]
    [InlineData("{}\n")]
    [InlineData("""{"command":"format"}""" + "\n")]
    [InlineData("[1,2]\n")]
    [InlineData("")]
    public void Nonsense_is_answered_with_an_error(string line)
    {
        using (Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.ReceiveTimeout = 10_000;
            socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
            _ = socket.Send(Encoding.UTF8.GetBytes(line));
            socket.Shutdown(SocketShutdown.Send);
            Assert.NotNull(ControlChannel.Receive(socket, CliJson.Default.ControlReply)?.Error);
        }

        Assert.NotNull(ControlClient.Ask(SocketPath, new ControlRequest(ControlRequest.Status), TimeSpan.FromSeconds(10))?.Status);
    }

    // Goal: an endless line takes bounded memory.
    // Method: send more than the bound without a line's end; the server must answer or hang up rather than read on.
    [Fact]
    public void An_endless_line_is_cut_off()
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.SendTimeout = 10_000;
        socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
        byte[] piece = new byte[64 * 1024];

        Assert.Throws<SocketException>(() =>
        {
            for (int i = 0; i < 64; i++)
            {
                _ = socket.Send(piece);
            }
        });
    }

    // Goal: after the server nothing is left that another could mistake for it.
    // Method: end it and look.
    [Fact]
    public void The_socket_goes_with_the_server()
    {
        Assert.True(File.Exists(SocketPath));

        _server.Dispose();

        Assert.False(File.Exists(SocketPath));
    }

    private sealed class FakeVault : IServedVault
    {
        public ManualResetEventSlim Entered { get; } = new();

        public ManualResetEventSlim Release { get; } = new();

        public bool WasForced { get; private set; }

        public ServerStatus Status { get; } = new()
        {
            Vault = "/a vault",
            MountPoint = "/mnt/\u00e4\"b",
            Pid = 42,
            State = ServerStatus.Serving,
            ReadOnly = true,
            Since = DateTimeOffset.UnixEpoch,
            Id = "00",
            Generation = ulong.MaxValue,
        };

        public LockReply Lock(bool force)
        {
            WasForced = force;
            Entered.Set();
            Release.Wait();
            return new LockReply(LockOutcome.Busy, [new MountUser(7, "vi")]);
        }
    }
}
