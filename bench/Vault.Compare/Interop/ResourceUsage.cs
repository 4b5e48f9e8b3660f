using System.Runtime.InteropServices;

namespace Vault.Compare.Interop;

/// <summary><c>struct rusage</c> of 64-bit Linux; only the two times are read.</summary>
[StructLayout(LayoutKind.Sequential, Size = 144)]
internal readonly struct ResourceUsage
{
    private readonly long _userSeconds;
    private readonly long _userMicroseconds;
    private readonly long _systemSeconds;
    private readonly long _systemMicroseconds;

    /// <summary>User and system time.</summary>
    public long CpuMicroseconds => ((_userSeconds + _systemSeconds) * 1_000_000) + _userMicroseconds + _systemMicroseconds;
}
