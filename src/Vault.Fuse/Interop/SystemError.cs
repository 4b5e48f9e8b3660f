using System.Runtime.InteropServices;

namespace Vault.Fuse.Interop;

/// <summary>Error numbers of the kernel that the file system itself never answers (asm-generic/errno.h).</summary>
internal static class SystemError
{
    internal const int EPERM = 1;
    internal const int ENOENT = 2;
    internal const int EINTR = 4;
    internal const int ENXIO = 6;
    internal const int ECHILD = 10;
    internal const int EAGAIN = 11;
    internal const int EBUSY = 16;
    internal const int ENODEV = 19;
    internal const int ENOTDIR = 20;
    internal const int ECONNABORTED = 103;
    internal const int ENOTCONN = 107;
    internal const int ECONNREFUSED = 111;

    /// <summary>The system's text for an error number.</summary>
    internal static string Describe(int errno) => Marshal.GetPInvokeErrorMessage(errno);
}
