using Vault.Fuse.Dispatch;
using Vault.Storage;

namespace Vault.Fuse.Operations;

/// <summary>
/// The handle of an open file, which is all that is kept of it: whether it was opened with <c>O_DSYNC</c> or <c>O_SYNC</c>. After a write the kernel itself asks for FSYNC then; of
/// FALLOCATE and COPY_FILE_RANGE it does not. A file that it opened without asking (ENOSYS to OPEN) has handle 0.
/// </summary>
internal static class OpenHandle
{
    /// <summary><c>O_DSYNC</c> (asm-generic/fcntl.h); <c>O_SYNC</c> has it too.</summary>
    private const uint OpenDataSync = 0x1000;

    private const ulong Durable = 1;

    /// <summary>The handle for flags of <c>open(2)</c>.</summary>
    public static ulong Of(uint openFlags) => (openFlags & OpenDataSync) != 0 ? Durable : 0;

    /// <summary>After a change through a handle: makes it durable if it is to be.</summary>
    public static Errno Complete(FuseSession session, ulong handle) => (handle & Durable) != 0 ? session.FileSystem.Sync() : Errno.None;
}
