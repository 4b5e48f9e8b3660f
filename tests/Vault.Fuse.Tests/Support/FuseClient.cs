using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vault.Fuse.Dispatch;
using Vault.Fuse.Protocol;
using Vault.Fuse.Transport;
using Vault.Storage;

namespace Vault.Fuse.Tests.Support;

/// <summary>A reply, taken apart.</summary>
/// <param name="WasSent">Whether there was one.</param>
/// <param name="Errno">Its error, positive.</param>
/// <param name="Body">What follows the header.</param>
internal sealed record Answer(bool WasSent, Errno Errno, byte[] Body)
{
    public T As<T>()
        where T : unmanaged => MemoryMarshal.Read<T>(Body);
}

/// <summary>Plays the kernel: sends requests as bytes through the buffers that the device transport uses, and checks each reply's form.</summary>
internal sealed class FuseClient : IDisposable
{
    public const uint KernelMinor = 45;

    private readonly FuseDispatcher _dispatcher;
    private readonly RequestBuffers _buffers = new();
    private ulong _unique;

    public FuseClient(VaultFileSystem fileSystem, bool writebackCache = true, bool acls = true)
        : this(fileSystem, new ConnectionWishes { WritebackCache = writebackCache, AccessControlLists = acls })
    {
    }

    public FuseClient(VaultFileSystem fileSystem, ConnectionWishes wishes)
    {
        Session = new FuseSession(fileSystem, wishes, Logger);
        _dispatcher = new FuseDispatcher(Session);
    }

    public FuseSession Session { get; }

    /// <summary>Who asks.</summary>
    public uint UserId { get; init; } = 1000;

    public RecordingLogger Logger { get; } = new();

    public FuseOutHeader LastHeader { get; private set; }

    /// <summary>INIT with all flags offered.</summary>
    public Answer Init(uint major = FuseProtocol.Major, uint minor = KernelMinor, uint flags = uint.MaxValue) => Send(
        FuseOpcode.Init, 0, Bytes.New.U32(major).U32(minor).U32(128 << 10).U32(flags).U32(uint.MaxValue).Raw(new byte[44]).ToArray());

    public Answer Send(FuseOpcode opcode, ulong node, params byte[] body) => SendRaw(Request(opcode, node, body));

    /// <summary>A whole request.</summary>
    public byte[] Request(FuseOpcode opcode, ulong node, ReadOnlySpan<byte> body) => Bytes.New
        .U32((uint)(Unsafe.SizeOf<FuseInHeader>() + body.Length)).U32((uint)opcode).U64(_unique += 2).U64(node)
        .U32(UserId).U32(1001).U32(1).U32(0).Raw(body).ToArray();

    public Answer SendRaw(ReadOnlySpan<byte> request)
    {
        if (!Serve(request, out FuseInHeader header, out ReadOnlySpan<byte> reply))
        {
            Assert.True(request.Length < Unsafe.SizeOf<FuseInHeader>());
            return new Answer(false, Errno.None, []);
        }

        if (reply.IsEmpty)
            return new Answer(false, Errno.None, []);
        LastHeader = MemoryMarshal.Read<FuseOutHeader>(reply);
        Assert.Equal((uint)reply.Length, LastHeader.Len);
        Assert.Equal(header.Unique, LastHeader.Unique);
        Assert.InRange(LastHeader.Error, FuseProtocol.LowestError, 0);
        byte[] body = reply[Unsafe.SizeOf<FuseOutHeader>()..].ToArray();
        Assert.InRange(body.Length, 0, FuseProtocol.MaxTransferBytes);
        if (LastHeader.Error != 0)
            Assert.Empty(body);
        return new Answer(true, (Errno)(-LastHeader.Error), body);
    }

    /// <summary>Serves a request and looks at nothing, for measurements.</summary>
    public bool Serve(ReadOnlySpan<byte> request, out FuseInHeader header, out ReadOnlySpan<byte> reply)
    {
        request.CopyTo(_buffers.Request);
        return _buffers.TryServe(_dispatcher, Session, request.Length, out header, out reply);
    }

    public void Dispose()
    {
        _buffers.Dispose();
        Session.Dispose();
    }
}
