namespace Vault.Fuse.Interop;

/// <summary>What the kernel should know of a thread that serves a file system.</summary>
internal static class ServingThread
{
    /// <summary><c>PR_SET_IO_FLUSHER</c> (Linux 5.6; needs CAP_SYS_RESOURCE).</summary>
    private const int SetIoFlusher = 57;

    /// <summary>
    /// Declares the calling thread to be part of the path of I/O (prctl(2) names FUSE servers): memory that it needs is not
    /// waited for by writing pages back to itself, and its writes are held back only for the disk that they go to, not for the
    /// dirty pages of its own mount. Best effort: ordinary users may not, and the kernel keeps their mounts' dirty pages few.
    /// </summary>
    internal static void Declare() => _ = LibC.prctl(SetIoFlusher, 1, 0, 0, 0);
}
