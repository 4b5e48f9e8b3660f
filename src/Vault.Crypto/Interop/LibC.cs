using System.Runtime.InteropServices;

namespace Vault.Crypto.Interop;

/// <summary>What is needed of libc (Linux): pages, their locking, and the process's dumpable flag.</summary>
internal static unsafe partial class LibC
{
    private const int PrSetDumpable = 4;
    private const int RlimitMemlock = 8;
    private const int MadviseDontDump = 16;
    private const int ProtReadWrite = 0x1 | 0x2;
    private const int MapPrivateAnonymous = 0x02 | 0x20;
    private static readonly nint MapFailed = -1;

    /// <summary>Maps zeroed, private, page-aligned memory.</summary>
    /// <exception cref="InsufficientMemoryException">The kernel refused.</exception>
    internal static nint MapPages(nuint sizeBytes)
    {
        // SAFETY: no address is asked for, so no existing mapping can be replaced.
        nint address = (nint)mmap(null, sizeBytes, ProtReadWrite, MapPrivateAnonymous, -1, 0);
        return address != MapFailed
            ? address
            : throw new InsufficientMemoryException($"mmap of {sizeBytes} bytes failed: errno {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>Unmaps what <see cref="MapPages"/> gave; this also unlocks it.</summary>
    internal static bool UnmapPages(nint address, nuint sizeBytes)
    {
        // SAFETY: called once for a mapping, by its SafeHandle, when nobody can hold a reference any more.
        return munmap((void*)address, sizeBytes) == 0;
    }

    /// <summary>The bytes of a mapping.</summary>
    internal static Span<byte> AsSpan(nint address, int sizeBytes)
    {
        // SAFETY: the caller's SafeHandle owns at least this many mapped bytes.
        return new Span<byte>((void*)address, sizeBytes);
    }

    /// <summary>Keeps the pages of <paramref name="memory"/> out of swap.</summary>
    /// <returns><see langword="false"/> if the kernel refused (RLIMIT_MEMLOCK).</returns>
    internal static bool TryLock(Span<byte> memory)
    {
        fixed (byte* start = memory)
        {
            // SAFETY: mlock touches no content; the memory is pinned or unmanaged, so the lock stays on its pages.
            return mlock(start, (nuint)memory.Length) == 0;
        }
    }

    /// <summary>Keeps the pages of <paramref name="memory"/> out of core dumps.</summary>
    internal static bool TryExcludeFromDumps(Span<byte> memory)
    {
        nuint pageMask = (nuint)Environment.SystemPageSize - 1;
        fixed (byte* start = memory)
        {
            // SAFETY: madvise(MADV_DONTDUMP) touches no content; rounding to whole pages only keeps neighbours out of dumps too.
            nuint first = (nuint)start & ~pageMask;
            nuint end = ((nuint)start + (nuint)memory.Length + pageMask) & ~pageMask;
            return madvise((void*)first, end - first, MadviseDontDump) == 0;
        }
    }

    /// <summary>The soft RLIMIT_MEMLOCK in bytes; <see cref="ulong.MaxValue"/> if there is none.</summary>
    internal static ulong LockLimitBytes()
    {
        Rlimit limit;

        // SAFETY: Rlimit has the layout of struct rlimit on 64-bit Linux.
        return getrlimit(RlimitMemlock, &limit) == 0 ? limit.Current : 0;
    }

    /// <summary>Clears the dumpable flag: no core dumps, no ptrace by processes without CAP_SYS_PTRACE.</summary>
    internal static bool TrySetNotDumpable()
    {
        // SAFETY: PR_SET_DUMPABLE takes integers only.
        return prctl(PrSetDumpable, 0, 0, 0, 0) == 0;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial void* mmap(void* address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport("libc")]
    private static partial int munmap(void* address, nuint length);

    [LibraryImport("libc")]
    private static partial int mlock(void* address, nuint length);

    [LibraryImport("libc")]
    private static partial int madvise(void* address, nuint length, int advice);

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, Rlimit* limit);

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    [StructLayout(LayoutKind.Sequential)]
    private struct Rlimit
    {
        public ulong Current;
        public ulong Maximum;
    }
}
