namespace Vault.Fuse;

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
