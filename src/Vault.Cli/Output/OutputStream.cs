using Microsoft.Win32.SafeHandles;
using Vault.Cli.Interop;

namespace Vault.Cli;

/// <summary>
/// Writes to a standard descriptor. A pipe whose reader has gone is no failure: what the command did counts, not who
/// listened to the end (<c>vaultfs list | head -1</c>).
/// </summary>
internal sealed class OutputStream(int descriptor) : Stream
{
    private readonly SafeFileHandle _handle = new(descriptor, ownsHandle: false);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            Libc.Write(_handle, buffer);
        }
        catch (IOException exception) when (exception.HResult == Libc.EPIPE)
        {
            // See the summary.
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Nothing is held back.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _handle.Dispose();
        base.Dispose(disposing);
    }
}
