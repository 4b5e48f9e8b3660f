using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vault.Fuse.Interop;

/// <summary>A pair of sockets over which another program hands us an open file (SCM_RIGHTS).</summary>
internal sealed unsafe class DescriptorSocket : IDisposable
{
    private const int UnixDomain = 1;
    private const int StreamCloseOnExec = 1 | 0x80000;
    private const int SocketLevel = 1;
    private const int PassDescriptor = 1;
    private const int ReceiveCloseOnExec = 0x40000000;

    private DescriptorSocket(SafeFileHandle ours, SafeFileHandle theirs)
    {
        Ours = ours;
        Theirs = theirs;
    }

    /// <summary>Our end.</summary>
    public SafeFileHandle Ours { get; }

    /// <summary>The other program's end: to be closed here once that program runs, so that its end is noticed.</summary>
    public SafeFileHandle Theirs { get; }

    /// <summary>Makes a pair.</summary>
    /// <returns>0, or the error number.</returns>
    public static int TryCreate(out DescriptorSocket? socket)
    {
        int* ends = stackalloc int[2];

        // SAFETY: the call fills two numbers, which live on this frame.
        int errno = LibC.socketpair(UnixDomain, StreamCloseOnExec, 0, ends) < 0 ? Marshal.GetLastSystemError() : 0;
        socket = errno != 0
            ? null
            : new DescriptorSocket(new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true));
        return errno;
    }

    /// <summary>Waits for a message with an open file.</summary>
    /// <returns>The file, closed on exec; null if the other side ended without sending one.</returns>
    public SafeFileHandle? Receive()
    {
        byte data = 0;
        var vector = new IoVector { Base = &data, Length = 1 };
        DescriptorMessage control = default;
        var message = new MessageHeader
        {
            Vectors = &vector,
            VectorCount = 1,
            Control = &control,
            ControlLength = (nuint)sizeof(DescriptorMessage),
        };

        // SAFETY: all that the message points to lives on this frame and has the sizes given.
        nint count = LibC.recvmsg((int)Ours.DangerousGetHandle(), &message, ReceiveCloseOnExec);
        while (count < 0 && Marshal.GetLastSystemError() == SystemError.EINTR)
            count = LibC.recvmsg((int)Ours.DangerousGetHandle(), &message, ReceiveCloseOnExec);
        bool hasDescriptor = count > 0
            && message.ControlLength >= (nuint)(sizeof(DescriptorMessage) - sizeof(int))
            && control.Level == SocketLevel
            && control.Type == PassDescriptor;
        return hasDescriptor ? new SafeFileHandle(control.Descriptor, ownsHandle: true) : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Ours.Dispose();
        Theirs.Dispose();
    }
}
