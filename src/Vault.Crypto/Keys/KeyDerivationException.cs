namespace Vault.Crypto;

/// <summary>Why a key could not be derived from a credential.</summary>
public enum KeyDerivationFailure
{
    /// <summary>libargon2 is not installed, or is not what this program expects.</summary>
    LibraryMissing,

    /// <summary>The memory that the slot asks for cannot be had.</summary>
    OutOfMemory,

    /// <summary>The library could not start its threads.</summary>
    NoThreads,

    /// <summary>The library gave a wrong answer to a known question: nothing may be sealed or opened with it.</summary>
    SelfTestFailed,

    /// <summary>The library refused for another reason, given in the message.</summary>
    Refused,
}

/// <summary>Argon2id could not be computed: a fault of the machine, never of the credential.</summary>
public sealed class KeyDerivationException : Exception
{
    internal KeyDerivationException(KeyDerivationFailure failure, string message, Exception? inner = null)
        : base(message, inner) => Failure = failure;

    /// <summary>What failed.</summary>
    public KeyDerivationFailure Failure { get; }
}
