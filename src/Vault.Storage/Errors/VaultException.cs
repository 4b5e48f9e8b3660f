namespace Vault.Storage;

/// <summary>Why a vault cannot be used. Each has its exit code in the command line.</summary>
public enum VaultFailure
{
    /// <summary>The file is not a vault.</summary>
    NotAVault,

    /// <summary>A format version that this program does not know.</summary>
    UnknownVersion,

    /// <summary>A feature that this program does not know.</summary>
    UnknownFeature,

    /// <summary>Both header copies are damaged.</summary>
    HeaderDamaged,

    /// <summary>The header was changed by somebody without the key.</summary>
    HeaderForged,

    /// <summary>The header is older than the content: an old one was put back.</summary>
    HeaderRolledBack,

    /// <summary>The file is shorter than its content needs.</summary>
    Truncated,

    /// <summary>A newer state than the one that could be opened was durable, and is lost: to open the older one takes a decision.</summary>
    NewerStateLost,

    /// <summary>No superblock, or a page that everything hangs on, authenticates.</summary>
    Corrupted,

    /// <summary>Another process holds the vault's lock.</summary>
    InUse,

    /// <summary>The host has no space.</summary>
    NoSpace,

    /// <summary>The path does not exist.</summary>
    NotFound,

    /// <summary>The path exists already.</summary>
    AlreadyExists,

    /// <summary>The host refuses access to the file.</summary>
    AccessDenied,

    /// <summary>The host failed to read, write or flush.</summary>
    IoError,
}

/// <summary>A vault cannot be opened, created or closed. The message says what happened and to which object.</summary>
public class VaultException : Exception
{
    /// <summary>Makes the exception.</summary>
    public VaultException(VaultFailure failure, string message, Exception? inner = null)
        : base(message, inner) => Failure = failure;

    /// <summary>Why.</summary>
    public VaultFailure Failure { get; }
}
