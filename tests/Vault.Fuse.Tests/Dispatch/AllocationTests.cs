using Vault.Fuse.Protocol;
using Vault.Fuse.Tests.Support;
using static Vault.Fuse.Tests.Support.FuseClientOperations;

namespace Vault.Fuse.Tests.Dispatch;

public sealed class AllocationTests : IDisposable
{
    private const int WarmUpCount = 200;
    private const int MeasuredCount = 2000;
    private const int RoundCount = 5;

    private readonly TestVault _vault = new();
    private readonly FuseClient _client;
    private readonly ulong _file;

    public AllocationTests()
    {
        _client = new FuseClient(_vault.FileSystem);
        _ = _client.Init();
        _file = _client.CreateFile(Root, "file");
        _ = _client.Write(_file, 0, new byte[256 * 1024]);
    }

    public void Dispose()
    {
        _client.Dispose();
        _vault.Dispose();
    }

    // Goal: serving a request leaves nothing to the garbage collector, from the transport's buffers down to the file system.
    // Method: the thread's allocation counter around many requests of one kind, after a warm-up. Something made once (a pool
    // that grows) may fall into a round; what is made per request falls into all of them.
    [Theory]
    [InlineData("LOOKUP")]
    [InlineData("LOOKUP of a missing name")]
    [InlineData("GETATTR")]
    [InlineData("READ")]
    [InlineData("WRITE")]
    [InlineData("GETXATTR")]
    [InlineData("READDIR")]
    [InlineData("OPEN")]
    [InlineData("truncated WRITE")]
    public void Serving_allocates_nothing(string kind)
    {
        byte[] request = kind switch
        {
            "LOOKUP" => _client.Request(FuseOpcode.Lookup, Root, Bytes.New.Name("file").ToArray()),
            "LOOKUP of a missing name" => _client.Request(FuseOpcode.Lookup, Root, Bytes.New.Name("missing").ToArray()),
            "GETATTR" => _client.Request(FuseOpcode.GetAttr, _file, new byte[16]),
            "READ" => _client.Request(FuseOpcode.Read, _file, ReadBody(4096, 128 * 1024)),
            "WRITE" => _client.Request(FuseOpcode.Write, _file, WriteBody(4096, 4096, new byte[4096])),
            "GETXATTR" => _client.Request(FuseOpcode.GetXattr, _file, Bytes.New.U32(24).U32(0).Name("security.capability").ToArray()),
            "READDIR" => _client.Request(FuseOpcode.ReadDir, Root, ReadBody(0, 4096)),
            "OPEN" => _client.Request(FuseOpcode.Open, _file, new byte[8]),
            _ => _client.Request(FuseOpcode.Write, _file, WriteBody(0, 10, [])),
        };
        for (int i = 0; i < WarmUpCount; i++)
            Assert.True(_client.Serve(request, out _, out _));
        long least = long.MaxValue;
        for (int round = 0; round < RoundCount; round++)
            least = Math.Min(least, Measure(request));
        Assert.True(least == 0, $"{kind}: at least {least} bytes in {MeasuredCount} requests");
    }

    private long Measure(byte[] request)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < MeasuredCount; i++)
            _ = _client.Serve(request, out _, out _);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
