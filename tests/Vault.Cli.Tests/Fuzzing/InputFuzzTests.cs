using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Vault.Crypto;
using Vault.Storage;
using Vault.Testing.Fuzzing;

namespace Vault.Cli.Tests.Fuzzing;

/// <summary>What others hand to the program: lines on the control socket, passphrases, keyfiles.</summary>
public sealed class InputFuzzTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    [Trait("fuzz", "control-request")]
    public void Control_requests()
    {
        using ControlServer server = ControlServer.Start(_directory.Path, new IdleVault(), NullLogger.Instance);
        new Fuzzer("control-request", Ask, output.WriteLine)
        {
            Seeds = ["{\"command\":\"status\"}\n"u8.ToArray(), "{\"command\":\"lock\",\"force\":true}\n"u8.ToArray(), "{\"command\":\"check\"}\n"u8.ToArray()],
        }.Run();
    }

    [Fact]
    [Trait("fuzz", "passphrase")]
    public void Passphrases() => new Fuzzer("passphrase", ReadPassphrase, output.WriteLine)
    {
        Seeds = ["secret\n"u8.ToArray(), "two words\r\nsecond line"u8.ToArray(), new byte[SecretLine.MaximumBytes]],
    }.Run();

    [Fact]
    [Trait("fuzz", "keyfile")]
    public void Keyfiles() => new Fuzzer("keyfile", ReadKeyfile, output.WriteLine) { Seeds = [new byte[32], new byte[70_000]] }.Run();

    // The answer is one line of which exactly one part is set.
    private string Ask(byte[] input)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_directory.File($"{Environment.ProcessId}.sock")));
        byte[] answer = new byte[4096];
        int length = 0;
        try
        {
            _ = socket.Send(input);
            socket.Shutdown(SocketShutdown.Send);
            for (int count = 1; count > 0; length += count)
                count = socket.Receive(answer.AsSpan(length));
        }
        catch (SocketException)
        {
            return "closed"; // the server answered and hung up before it had read all
        }

        ControlReply reply = JsonSerializer.Deserialize(answer.AsSpan(0, length), CliJson.Default.ControlReply)!;
        Assert.Single((object?[])[reply.Status, reply.Lock, reply.Check, reply.Error], part => part is not null);
        return reply.Status is not null ? "status" : reply.Lock is not null ? "lock" : reply.Check is not null ? "check" : "error";
    }

    private string ReadPassphrase(byte[] input)
    {
        File.WriteAllBytes(_directory.File("passphrase"), input);
        try
        {
            using SecretLine line = PassphraseInput.FromFile(_directory.File("passphrase"));
            int end = input.AsSpan().IndexOf((byte)'\n');
            ReadOnlySpan<byte> expected = end < 0 ? input : input.AsSpan(0, end > 0 && input[end - 1] == '\r' ? end - 1 : end);
            Assert.Equal(expected, line.Bytes);
            return line.Bytes.IsEmpty ? "empty" : end < 0 ? "all" : "line";
        }
        catch (CliException e)
        {
            Assert.Equal(ExitCode.CredentialUnavailable, e.ExitCode);
            return "refused";
        }
    }

    private string ReadKeyfile(byte[] input)
    {
        File.WriteAllBytes(_directory.File("keyfile"), input);
        try
        {
            using SecretBuffer digest = KeyfileDigest.Compute(_directory.File("keyfile"));
            Assert.Equal(SHA256.HashData(input), digest.Span);
            return "read";
        }
        catch (CliException e)
        {
            Assert.Equal(ExitCode.CredentialUnavailable, e.ExitCode);
            Assert.Empty(input);
            return "refused";
        }
    }

    private sealed class IdleVault : IServedVault
    {
        public ServerStatus Status { get; } = new() { Vault = "/a.vault", MountPoint = "/mnt", State = ServerStatus.Serving };

        public CancellationToken Closing => CancellationToken.None;

        public LockReply Lock(bool force) => new(LockOutcome.Busy, [], null);

        public CheckReply Check(Action<CheckFinding> onFinding, IProgress<CheckProgress> progress, CancellationToken cancellation) =>
            new(CheckOutcome.AlreadyRunning);
    }
}
