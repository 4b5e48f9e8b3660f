using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vault.Fuse.Dispatch;
using Vault.Fuse.Interop;
using Vault.Fuse.Protocol;

namespace Vault.Fuse.Transport;

/// <summary>
/// The memory of one serving thread. The request is read to where a WRITE's data begin on a page; the reply's body begins
/// on a page, its header right before it, so that one write(2) sends both.
/// </summary>
internal sealed class RequestBuffers : IDisposable
{
    private const int PageBytes = 4096;

    private static readonly int HeaderBytes = Unsafe.SizeOf<FuseInHeader>();
    private static readonly int ReplyHeaderBytes = Unsafe.SizeOf<FuseOutHeader>();
    private static readonly int RequestStart = PageBytes - HeaderBytes - Unsafe.SizeOf<FuseWriteIn>();

    // One page before the data, the largest transfer, one page to spare: a few requests carry more than data.
    private readonly NativeBuffer _request = new(PageBytes + FuseProtocol.MaxTransferBytes + PageBytes);
    private readonly NativeBuffer _reply = new(PageBytes + FuseProtocol.MaxTransferBytes + PageBytes);

    /// <summary>Where a request is read to.</summary>
    public Span<byte> Request => _request.Span[RequestStart..];

    /// <summary>Serves the request at the start of <see cref="Request"/>.</summary>
    /// <param name="dispatcher">Serves it.</param>
    /// <param name="session">Tells how requests are laid out.</param>
    /// <param name="byteCount">Bytes of the request.</param>
    /// <param name="header">Its header.</param>
    /// <param name="reply">The whole reply; empty if there is none to send.</param>
    /// <returns><see langword="false"/> if the request has no complete header.</returns>
    public bool TryServe(FuseDispatcher dispatcher, FuseSession session, int byteCount, out FuseInHeader header, out ReadOnlySpan<byte> reply)
    {
        reply = default;
        ReadOnlySpan<byte> request = Request[..byteCount];
        if (!MemoryMarshal.TryRead(request, out header))
            return false;

        // What the header says of its length is not needed: the kernel returned how much it is.
        ReadOnlySpan<byte> rest = request[HeaderBytes..];
        int argumentBytes = Math.Min(RequestLayout.ArgumentBytes(header.Opcode, session.HasSetxattrExt), rest.Length);
        Span<byte> buffer = _reply.Span[(PageBytes - ReplyHeaderBytes)..];
        if (dispatcher.Dispatch(in header, rest[..argumentBytes], rest[argumentBytes..], buffer[ReplyHeaderBytes..], out FuseOutHeader replyHeader))
        {
            MemoryMarshal.Write(buffer, in replyHeader);
            reply = buffer[..(int)replyHeader.Len];
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _request.Dispose();
        _reply.Dispose();
    }
}
