using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vault.Fuse.Interop;

/// <summary>Calls on the FUSE device.</summary>
internal static unsafe class DeviceCalls
{
    /// <summary>The device.</summary>
    internal const string DevicePath = "/dev/fuse";

    /// <summary><c>FUSE_DEV_IOC_CLONE</c>.</summary>
    internal const uint CloneRequest = 0x8004E500;

    private const int OpenReadWriteCloseOnExec = 0x2 | 0x80000;

    /// <summary>Opens the device.</summary>
    /// <returns>0, or the error number.</returns>
    internal static int Open(out SafeFileHandle? device)
    {
        int fd = LibC.open(DevicePath, OpenReadWriteCloseOnExec, 0);
        int errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        device = fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
        return errno;
    }

    /// <summary>Makes a newly opened device another channel of a mounted one's connection.</summary>
    /// <returns>0, or the error number.</returns>
    internal static int Clone(SafeFileHandle fresh, SafeFileHandle mounted)
    {
        uint source = (uint)mounted.DangerousGetHandle();

        // SAFETY: the request reads one 32-bit number, which lives on this frame.
        int result = LibC.ioctl((int)fresh.DangerousGetHandle(), CloneRequest, &source);
        return result < 0 ? Marshal.GetLastSystemError() : 0;
    }

    /// <summary>Reads a request; blocks, so the collector must be able to pass this thread by.</summary>
    /// <returns>Bytes read, or a negated error number.</returns>
    internal static int Read(int fd, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            // SAFETY: the kernel writes at most 'buffer.Length' bytes, and the span is fixed meanwhile.
            nint count = LibC.read(fd, start, (nuint)buffer.Length);
            return count >= 0 ? (int)count : -Marshal.GetLastSystemError();
        }
    }

    /// <summary>Writes a reply, which the kernel takes whole or refuses.</summary>
    /// <returns>0, or the error number.</returns>
    internal static int Write(int fd, ReadOnlySpan<byte> reply)
    {
        fixed (byte* start = reply)
        {
            // SAFETY: the kernel reads 'reply.Length' bytes, and the span is fixed meanwhile.
            nint count = LibC.write(fd, start, (nuint)reply.Length);
            return count >= 0 ? 0 : Marshal.GetLastSystemError();
        }
    }
}
