using Vault.Crypto.Interop;

namespace Vault.Crypto;

/// <summary>Settings of the whole process that keep secrets inside it.</summary>
public static class ProcessHardening
{
    /// <summary>
    /// <c>prctl(PR_SET_DUMPABLE, 0)</c>: no core dump is written, and only root can attach to or read the memory of
    /// this process. Files under <c>/proc/self</c> then belong to root. An <c>execve</c> sets the flag again.
    /// </summary>
    /// <returns><see langword="false"/> if the kernel refused.</returns>
    public static bool DisableDumps() => LibC.TrySetNotDumpable();
}
