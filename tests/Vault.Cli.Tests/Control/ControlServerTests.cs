using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Vault.Storage;
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

    // Goal: a check's findings, progress and report arrive as they were, in order, however long a path is.
    // Method: findings of each kind with awkward paths; one whose path no line could hold comes without it.
    [Fact]
    public void A_check_streams_its_findings_and_its_report()
    {
        List<CheckFinding> findings =
        [
            .. Enum.GetValues<CheckFindingKind>().Select(kind => new CheckFinding(kind, ulong.MaxValue, "a \"b\"\\x0a/\u00e4", long.MaxValue - 1, 1, "words")),
            new(CheckFindingKind.FileData, 7, new string('\u20ac', 60_000), 0, 4096, "long"),
            new(CheckFindingKind.SpaceMap, 0, null, -1, 0, ""),
        ];
        CheckFinding endless = new(CheckFindingKind.FileData, 8, new string('x', 1_000_000), 0, 1, "endless");
        CheckReport report = new()
        {
            Generation = ulong.MaxValue,
            Files = 1,
            Directories = 2,
            CheckedBytes = long.MaxValue,
            Findings = new Dictionary<CheckFindingKind, long> { [CheckFindingKind.SpareCopy] = 3 },
        };
        _vault.OnCheck = (onFinding, reported, _) =>
        {
            reported.Report(new CheckProgress(1, 2, 3));
            findings.ForEach(onFinding);
            onFinding(endless);
            return new CheckReply(CheckOutcome.Completed, report);
        };
        List<CheckFinding> received = [];
        Progress progress = new();

        ControlReply? last = ControlClient.Check(SocketPath, received.Add, progress, CancellationToken.None);

        Assert.Equal([.. findings, endless with { Path = null }], received);
        Assert.Equal([new CheckProgress(1, 2, 3)], progress.Values);
        Assert.Equal(CheckOutcome.Completed, last?.Check?.Outcome);
        Assert.Equivalent(report, last?.Check?.Report, strict: true);
    }

    // Goal: a client that goes away, by itself or because it was cancelled, ends the check.
    // Method: a check that goes on reporting until its token says stop; the client cancels at the first finding.
    [Fact]
    public void A_check_ends_with_its_client()
    {
        using ManualResetEventSlim ended = new();
        _vault.OnCheck = (onFinding, unused, cancellation) =>
        {
            while (!cancellation.IsCancellationRequested)
            {
                onFinding(Finding);
            }

            ended.Set();
            return new CheckReply(CheckOutcome.Cancelled);
        };
        using CancellationTokenSource leaving = new();

        Assert.Throws<OperationCanceledException>(() => ControlClient.Check(SocketPath, _ => leaving.Cancel(), new Progress(), leaving.Token));

        Assert.True(ended.Wait(TimeSpan.FromSeconds(10)), "The check went on without a listener.");
    }

    // Goal: closing the vault ends a check even if its client does not read what is sent.
    // Method: a client that sends its request and reads nothing, until the socket is full; then the vault closes, and the check has
    // much more to tell before it looks at its token.
    [Fact]
    public void Closing_ends_a_check_whose_client_is_stuck()
    {
        using ManualResetEventSlim ended = new();
        int sent = 0;
        _vault.OnCheck = (onFinding, unused, cancellation) =>
        {
            while (!cancellation.IsCancellationRequested)
            {
                onFinding(Finding);
                _ = Interlocked.Increment(ref sent);
            }

            for (int i = 0; i < 100_000; i++)
            {
                onFinding(Finding);
            }

            ended.Set();
            return new CheckReply(CheckOutcome.Cancelled);
        };
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
        ControlChannel.Send(socket, new ControlRequest(ControlRequest.Check), CliJson.Default.ControlRequest);
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                int before = Volatile.Read(ref sent);
                Thread.Sleep(200);
                return before > 0 && before == Volatile.Read(ref sent);
            },
            TimeSpan.FromSeconds(30)), "The socket does not fill up.");

        _vault.Close.Cancel();

        Assert.True(ended.Wait(TimeSpan.FromSeconds(10)), "The check waits for its client.");
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
            Assert.NotNull(new ControlChannel(socket, ControlChannel.MaximumReplyBytes).Receive(CliJson.Default.ControlReply)?.Error);
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

    private static CheckFinding Finding { get; } = new(CheckFindingKind.FileData, 1, "path", 0, 1, "words");

    private sealed class Progress : IProgress<CheckProgress>
    {
        public List<CheckProgress> Values { get; } = [];

        public void Report(CheckProgress value) => Values.Add(value);
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

        public CancellationTokenSource Close { get; } = new();

        public CancellationToken Closing => Close.Token;

        /// <summary>What a check does.</summary>
        public Func<Action<CheckFinding>, IProgress<CheckProgress>, CancellationToken, CheckReply> OnCheck { get; set; } =
            (_, _, _) => throw new InvalidOperationException("No check was expected.");

        public CheckReply Check(Action<CheckFinding> onFinding, IProgress<CheckProgress> progress, CancellationToken cancellation) =>
            OnCheck(onFinding, progress, cancellation);

        public LockReply Lock(bool force)
        {
            WasForced = force;
            Entered.Set();
            Release.Wait();
            return new LockReply(LockOutcome.Busy, [new MountUser(7, "vi")]);
        }
    }
}
