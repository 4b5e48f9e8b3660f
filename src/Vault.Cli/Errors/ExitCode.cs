namespace Vault.Cli;

/// <summary>
/// What the process returns: a contract, described in <c>docs/cli.md</c>. A number never changes its meaning.
/// </summary>
public enum ExitCode
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>A bug of ours.</summary>
    InternalError = 1,

    /// <summary>The command line makes no sense.</summary>
    Usage = 2,

    /// <summary>A configuration file or variable is wrong; the message names it and the key.</summary>
    Configuration = 3,

    /// <summary>No passphrase or keyfile could be read.</summary>
    CredentialUnavailable = 4,

    /// <summary>A library or program of the system is missing; the message names the package.</summary>
    MissingDependency = 5,

    /// <summary>The key could not be derived: there is too little memory for the vault's Argon2id cost, say.</summary>
    KeyDerivation = 6,

    /// <summary>The passphrase or the keyfile is wrong.</summary>
    WrongCredential = 10,

    /// <summary>The vault has no key slot of this kind (a keyfile is needed as well, say).</summary>
    NoSlotOfKind = 11,

    /// <summary>The passphrase is right, but its key slot is damaged.</summary>
    SlotDamaged = 12,

    /// <summary>The path does not exist.</summary>
    NotFound = 20,

    /// <summary>The path exists already.</summary>
    AlreadyExists = 21,

    /// <summary>The host refuses access.</summary>
    AccessDenied = 22,

    /// <summary>The file is not a vault.</summary>
    NotAVault = 23,

    /// <summary>Another process has the vault open; the message names it.</summary>
    InUse = 24,

    /// <summary>Made by a newer version.</summary>
    UnknownVersion = 25,

    /// <summary>Uses a feature that this version does not know.</summary>
    UnknownFeature = 26,

    /// <summary>Both copies of the header are damaged.</summary>
    HeaderDamaged = 27,

    /// <summary>The header was changed by somebody without the key.</summary>
    HeaderForged = 28,

    /// <summary>The file is shorter than its content needs.</summary>
    Truncated = 29,

    /// <summary>What everything hangs on does not authenticate.</summary>
    Corrupted = 30,

    /// <summary>The host's disk is full.</summary>
    NoSpace = 31,

    /// <summary>The host failed to read, write or flush.</summary>
    IoError = 32,

    /// <summary>The header is older than the content: somebody put an old one back.</summary>
    HeaderRolledBack = 33,

    /// <summary>The newest state of the vault is lost; an older one could be opened.</summary>
    NewerStateLost = 34,

    /// <summary>The mount point does not exist.</summary>
    MountPointMissing = 40,

    /// <summary>The mount point is not a directory.</summary>
    MountPointNotADirectory = 41,

    /// <summary>The mount point is not empty.</summary>
    MountPointNotEmpty = 42,

    /// <summary>Something is mounted there already.</summary>
    AlreadyMounted = 43,

    /// <summary>/dev/fuse is missing or cannot be opened.</summary>
    NoFuseDevice = 44,

    /// <summary>fusermount3 is missing.</summary>
    NoFusermount = 45,

    /// <summary>The kernel or fusermount3 refused to mount.</summary>
    MountRefused = 46,

    /// <summary>The mount is in use; the message names the processes.</summary>
    Busy = 50,

    /// <summary>Nothing of vaultfs is mounted there.</summary>
    NotMounted = 51,

    /// <summary>The mount was detached, but processes still hold files of it open and the vault is not locked yet.</summary>
    DetachedInUse = 52,

    /// <summary>The server ended or did not answer.</summary>
    ServerFailed = 53,

    /// <summary>The last commit failed: what was not synced before is lost.</summary>
    CommitFailed = 54,

    /// <summary>The kernel or fusermount3 refused to unmount.</summary>
    UnmountRefused = 55,

    /// <summary>A check ended: something that was stored cannot be read.</summary>
    DamageFound = 60,

    /// <summary>A check ended: everything can be read, but what the vault keeps about it is wrong. A repair mends that.</summary>
    InconsistencyFound = 61,

    /// <summary>A signal or a lock ended the command before it was done.</summary>
    Cancelled = 62,

    /// <summary>A salvage ended: not everything could be copied out.</summary>
    SalvageIncomplete = 63,

    /// <summary>Another check of this mounted vault is running.</summary>
    CheckRunning = 64,
}
