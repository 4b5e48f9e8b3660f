using System.Runtime.InteropServices;

namespace Vault.Fuse.Interop;

/// <summary>
/// Interrupts a thread that is blocked in a system call, which then fails with EINTR: the only way to end a read of the
/// FUSE device while the mount is still in use.
/// </summary>
internal static unsafe class ThreadWaker
{
    /// <summary><c>SIGURG</c>: ignored by default, so that a stray one does no harm.</summary>
    private const int Signal = 23;

    private static readonly int InstallError = Install();

    /// <summary>Names the calling thread.</summary>
    internal static nuint CurrentThread() => LibC.pthread_self();

    /// <summary>Interrupts a thread.</summary>
    /// <param name="thread">From <see cref="CurrentThread"/>, of a thread that has not ended.</param>
    internal static void Wake(nuint thread)
    {
        if (InstallError != 0)
            throw new InvalidOperationException($"No handler for signal {Signal}: {SystemError.Describe(InstallError)}");
        int error = LibC.pthread_kill(thread, Signal);
        if (error != 0)
            throw new InvalidOperationException($"A thread could not be interrupted: {SystemError.Describe(error)}");
    }

    /// <summary>
    /// Installs a handler that does nothing, without SA_RESTART so that system calls end. It must not be managed code, which may
    /// not run inside a signal: abs(3) takes one int and touches nothing.
    /// </summary>
    private static int Install()
    {
        nint library = NativeLibrary.Load("libc.so.6");
        var action = new SignalAction { Handler = NativeLibrary.GetExport(library, "abs") };

        // SAFETY: the structure has the C library's layout and lives on this frame; the handler lives as long as the process.
        return LibC.sigaction(Signal, &action, null) < 0 ? Marshal.GetLastSystemError() : 0;
    }
}
