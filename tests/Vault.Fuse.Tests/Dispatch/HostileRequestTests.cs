using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Vault.Fuse.Protocol;
using Vault.Fuse.Tests.Support;
using Vault.Storage;
using static Vault.Fuse.Tests.Support.FuseClientOperations;

namespace Vault.Fuse.Tests.Dispatch;

/// <summary>
/// Every field of a request is hostile. <see cref="FuseClient"/> checks the form of each reply; an exception would be
/// answered EIO and logged, so the log is checked too.
/// </summary>
public sealed class HostileRequestTests : IDisposable
{
    private readonly TestVault _vault = new();
    private readonly FuseClient _client;
    private readonly ulong _file;
    private readonly ulong _directory;

    public HostileRequestTests()
    {
        _client = new FuseClient(_vault.FileSystem);
        _vault.HaveHadProtectedInode();
        _ = _client.Init();
        _file = _client.CreateFile(Root, "file");
        _ = _client.Write(_file, 0, new byte[10_000]);
        _directory = _client.MakeDirectory(Root, "directory").As<FuseEntryOut>().NodeId;
    }

    public void Dispose()
    {
        _client.Dispose();
        _vault.Dispose();
    }

    // Goal: a request that ends too early is refused, and nothing of it is done.
    // Method: each operation's request, cut after each byte of its argument and names.
    [Fact]
    public void Truncated_requests_are_refused()
    {
        foreach ((FuseOpcode opcode, ulong node, byte[] body) in Requests().Where(request => request.Opcode is not (FuseOpcode.Write or FuseOpcode.SetXattr)))
        {
            for (int length = 0; length < body.Length; length++)
            {
                Answer answer = _client.Send(opcode, node, body[..length]);
                if (answer.WasSent)
                    Assert.True(answer.Errno == Errno.EINVAL, $"{opcode} of {length} bytes was answered {answer.Errno}.");
            }
        }

        AssertNoExceptions();
    }

    // Goal: less than a header is dropped: there is nothing to answer to.
    // Method: every length below it.
    [Fact]
    public void A_request_without_header_is_dropped()
    {
        byte[] request = _client.Request(FuseOpcode.Lookup, Root, "name\0"u8);
        for (int length = 0; length < Unsafe.SizeOf<FuseInHeader>(); length++)
            Assert.False(_client.SendRaw(request.AsSpan(0, length)).WasSent);
    }

    // Goal: lengths in the header are not trusted.
    // Method: a length that lies both ways, and extensions longer than the request.
    [Fact]
    public void Lengths_in_the_header_are_not_trusted()
    {
        byte[] request = _client.Request(FuseOpcode.Lookup, Root, "file\0"u8);
        foreach (uint length in new uint[] { 0, 1, 44, uint.MaxValue })
        {
            BinaryPrimitives.WriteUInt32LittleEndian(request, length);
            Assert.Equal(_file, _client.SendRaw(request).As<FuseEntryOut>().NodeId);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(36), ushort.MaxValue);
        Assert.Equal(Errno.EINVAL, _client.SendRaw(request).Errno);
    }

    // Goal: no request makes the service fail: no exception, no reply of a wrong form, no allocation by a number in it.
    // Method: valid requests with random bytes changed, cut or extended, and pure garbage; one seed replays a failure.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Garbage_is_survived(int seed)
    {
        var random = new Random(seed);
        (FuseOpcode Opcode, ulong Node, byte[] Body)[] requests = [.. Requests()];
        for (int i = 0; i < 20_000; i++)
        {
            (FuseOpcode opcode, ulong node, byte[] body) = requests[random.Next(requests.Length)];
            byte[] request = _client.Request(opcode, node, body);
            Mutate(ref request, random);

            // The session would refuse all others after a second INIT anyway; FSYNC costs a real flush.
            if (request.Length >= 8 && BinaryPrimitives.ReadUInt32LittleEndian(request.AsSpan(4)) is (uint)FuseOpcode.FSync or (uint)FuseOpcode.FSyncDir)
                continue;
            _ = _client.SendRaw(request);
            AssertNoExceptions($"seed {seed}, step {i}");
        }

        Assert.Equal(Errno.None, _client.Lookup(Root, "still-there").Errno);
    }

    private static void Mutate(ref byte[] request, Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                Array.Resize(ref request, random.Next(request.Length + 1));
                break;
            case 1:
                Array.Resize(ref request, request.Length + random.Next(300));
                break;
            case 2:
                random.NextBytes(request.AsSpan(8));
                BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(4), (uint)random.Next(60));
                break;
            default:
                for (int i = random.Next(1, 6); i > 0; i--)
                {
                    int at = random.Next(request.Length);
                    request[at] = random.Next(3) switch
                    {
                        0 => 0,
                        1 => 0xFF,
                        _ => (byte)random.Next(256),
                    };
                }

                break;
        }
    }

    private IEnumerable<(FuseOpcode Opcode, ulong Node, byte[] Body)> Requests() => SampleRequests.All(_file, _directory);

    private void AssertNoExceptions(string where = "")
    {
        if (_client.Logger.Entries.TryPeek(out (LogLevel Level, string Text) entry) && entry.Level == LogLevel.Critical)
            Assert.Fail(where + ": " + entry.Text);
    }
}
