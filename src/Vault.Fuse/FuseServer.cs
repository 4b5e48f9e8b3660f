using Microsoft.Extensions.Logging;
using Vault.Storage;

namespace Vault.Fuse;

/// <summary>How to mount.</summary>
public sealed record FuseMountOptions
{
    /// <summary>An existing, empty directory; absolute.</summary>
    public required string MountPoint { get; init; }

    /// <summary>Shown as the mount's source: the vault's absolute path.</summary>
    public required string Source { get; init; }

    /// <summary>Mount read-only.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Let other users in (they are still held to file permissions).</summary>
    public bool AllowOther { get; init; }

    /// <summary>Let the kernel collect writes.</summary>
    public bool WritebackCache { get; init; } = true;

    /// <summary>Threads that serve requests; 0 chooses.</summary>
    public int ThreadCount { get; init; }

    /// <summary>Receives warnings; ids only, never names.</summary>
    public ILogger? Logger { get; init; }
}

/// <summary>Why a mount failed. Each has its exit code in the command line.</summary>
public enum MountFailure
{
    /// <summary>The mount point does not exist.</summary>
    MountPointMissing,

    /// <summary>The mount point is not a directory.</summary>
    MountPointNotADirectory,

    /// <summary>The mount point is not empty.</summary>
    MountPointNotEmpty,

    /// <summary>Something is mounted there already.</summary>
    AlreadyMounted,

    /// <summary>/dev/fuse does not exist or cannot be opened.</summary>
    NoFuseDevice,

    /// <summary>fusermount3 is not installed (Debian package fuse3).</summary>
    NoFusermount,

    /// <summary>The kernel or fusermount3 refused.</summary>
    Refused,
}

/// <summary>Mounting failed; nothing stays mounted.</summary>
public sealed class MountException : Exception
{
    /// <summary>Makes the exception.</summary>
    public MountException(MountFailure failure, string message, Exception? inner = null)
        : base(message, inner) => Failure = failure;

    /// <summary>Why.</summary>
    public MountFailure Failure { get; }
}

/// <summary>How an unmount ended.</summary>
public enum UnmountOutcome
{
    /// <summary>The file system is unmounted, or was not mounted any more.</summary>
    Unmounted,

    /// <summary>Some process still uses it.</summary>
    Busy,

    /// <summary>The kernel or fusermount3 refused for another reason.</summary>
    Refused,
}

/// <summary>Serves a vault's file system at a mount point: one mount, its kernel connection and its threads.</summary>
public sealed class FuseServer : IDisposable
{
    /// <summary>
    /// Mounts, as root by mount(2) and otherwise by fusermount3, and starts serving. Returns when the mount answers
    /// (INIT is done and the root directory was looked at). A dead mount of vaultfs at the mount point is cleaned up first.
    /// </summary>
    /// <exception cref="MountException">Nothing is mounted then.</exception>
    public static FuseServer Start(VaultFileSystem fileSystem, FuseMountOptions options) => throw new NotImplementedException();

    /// <summary>
    /// Checks the mount point as <see cref="Start"/> will, without mounting: to fail before a passphrase is asked for.
    /// A dead mount of vaultfs there is no failure.
    /// </summary>
    /// <exception cref="MountException">What <see cref="Start"/> would find.</exception>
    public static void CheckMountPoint(string mountPoint) => throw new NotImplementedException();

    /// <summary>Waits until the kernel ends the connection (unmounted by anybody) and all threads have gone.</summary>
    /// <returns>Whether it ended within the time.</returns>
    public bool WaitForEnd(TimeSpan timeout) => throw new NotImplementedException();

    /// <summary>Unmounts: dirty pages are written to this server meanwhile, so never call it from a serving thread.</summary>
    /// <param name="detach">Detach at once though processes use it (MNT_DETACH); they keep being served.</param>
    public UnmountOutcome Unmount(bool detach) => throw new NotImplementedException();

    /// <summary>Unmounts with detach if still mounted, and ends the threads.</summary>
    public void Dispose() => throw new NotImplementedException();
}
