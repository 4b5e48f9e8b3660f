using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace Vault.Posix.Interop;

/// <summary>
/// Changes ids of the calling thread alone: the kernel keeps them per thread, and only the C library's functions change all
/// threads at once, so these are made as raw system calls.
/// </summary>
internal static unsafe partial class ThreadCredentials
{
    private static readonly (nint SetGroups, nint SetResGid, nint SetResUid) Numbers =
        RuntimeInformation.ProcessArchitecture == Architecture.X64 ? (116, 119, 117) : (159, 149, 147);

    /// <summary>Real, effective and saved ids; the capabilities of root go with its id.</summary>
    public static void Set(uint uid, uint gid, ReadOnlySpan<uint> groups)
    {
        // SAFETY: the kernel reads as many ids as the span has.
        fixed (uint* ids = groups)
        {
            Require(syscall(Numbers.SetGroups, groups.Length, (nint)ids, 0));
        }

        Require(syscall(Numbers.SetResGid, (nint)gid, (nint)gid, (nint)gid));
        Require(syscall(Numbers.SetResUid, (nint)uid, (nint)uid, (nint)uid));
    }

    private static void Require(Outcome outcome)
    {
        if (outcome.Error != Errno.None)
        {
            throw new InvalidOperationException($"The ids of a thread cannot be set: {outcome.Error}. The suite must run as root.");
        }
    }

    [LibraryImport("libc")]
    [return: MarshalUsing(typeof(LongOutcome))]
    private static partial Outcome syscall(nint number, nint first, nint second, nint third);
}
