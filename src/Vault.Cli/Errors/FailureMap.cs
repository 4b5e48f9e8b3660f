using Vault.Crypto;
using Vault.Fuse;
using Vault.Storage;

namespace Vault.Cli;

/// <summary>The one place that maps what the layers below report to exit codes and advice.</summary>
internal static class FailureMap
{
    public static ExitCode CodeOf(VaultFailure failure) => failure switch
    {
        VaultFailure.NotAVault => ExitCode.NotAVault,
        VaultFailure.UnknownVersion => ExitCode.UnknownVersion,
        VaultFailure.UnknownFeature => ExitCode.UnknownFeature,
        VaultFailure.HeaderDamaged => ExitCode.HeaderDamaged,
        VaultFailure.HeaderForged => ExitCode.HeaderForged,
        VaultFailure.HeaderRolledBack => ExitCode.HeaderRolledBack,
        VaultFailure.Truncated => ExitCode.Truncated,
        VaultFailure.NewerStateLost => ExitCode.NewerStateLost,
        VaultFailure.Corrupted => ExitCode.Corrupted,
        VaultFailure.InUse => ExitCode.InUse,
        VaultFailure.NoSpace => ExitCode.NoSpace,
        VaultFailure.NotFound => ExitCode.NotFound,
        VaultFailure.AlreadyExists => ExitCode.AlreadyExists,
        VaultFailure.AccessDenied => ExitCode.AccessDenied,
        VaultFailure.IoError => ExitCode.IoError,
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, "A failure without an exit code."),
    };

    public static ExitCode CodeOf(MountFailure failure) => failure switch
    {
        MountFailure.MountPointMissing => ExitCode.MountPointMissing,
        MountFailure.MountPointNotADirectory => ExitCode.MountPointNotADirectory,
        MountFailure.MountPointNotEmpty => ExitCode.MountPointNotEmpty,
        MountFailure.AlreadyMounted => ExitCode.AlreadyMounted,
        MountFailure.NoFuseDevice => ExitCode.NoFuseDevice,
        MountFailure.NoFusermount => ExitCode.NoFusermount,
        MountFailure.Refused => ExitCode.MountRefused,
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, "A failure without an exit code."),
    };

    public static ExitCode CodeOf(KeyDerivationFailure failure) => failure switch
    {
        KeyDerivationFailure.LibraryMissing => ExitCode.MissingDependency,
        KeyDerivationFailure.OutOfMemory or KeyDerivationFailure.NoThreads or KeyDerivationFailure.SelfTestFailed or KeyDerivationFailure.Refused => ExitCode.KeyDerivation,
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, "A failure without an exit code."),
    };

    public static ExitCode CodeOf(UnlockOutcome outcome) => outcome switch
    {
        UnlockOutcome.Unlocked => ExitCode.Success,
        UnlockOutcome.WrongCredential => ExitCode.WrongCredential,
        UnlockOutcome.NoSlotOfKind => ExitCode.NoSlotOfKind,
        UnlockOutcome.SlotDamaged => ExitCode.SlotDamaged,
        UnlockOutcome.Forged => ExitCode.HeaderForged,
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "An outcome without an exit code."),
    };

    /// <summary>What a person can do about it, or null if nothing beyond the message.</summary>
    public static string? AdviceFor(ExitCode code) => code switch
    {
        ExitCode.WrongCredential => "Check the keyboard layout and caps lock, and that it is the right vault.",
        ExitCode.NoSlotOfKind => "'vaultfs info VAULT' shows what its key slots need.",
        ExitCode.SlotDamaged => "Restore the first 128 KiB of the vault from a backup.",
        ExitCode.NotFound => "Check the path; 'vaultfs create VAULT' makes a new vault.",
        ExitCode.AlreadyExists => "Choose another path. vaultfs never overwrites a file.",
        ExitCode.NotAVault => "Check the path. If this was a vault, its beginning is destroyed: restore it from a backup.",
        ExitCode.InUse => "'vaultfs list' shows open vaults; 'vaultfs lock VAULT' locks one.",
        ExitCode.HeaderDamaged => "Its data may be whole: the first 128 KiB from a backup are enough.",
        ExitCode.HeaderForged or ExitCode.HeaderRolledBack => "Do not trust this copy: restore the vault from a backup.",
        ExitCode.Truncated or ExitCode.Corrupted => "Keep the damaged file as it is, and work on a copy of it.",
        ExitCode.NewerStateLost => "'vaultfs salvage VAULT DIR' copies out what can be read; 'vaultfs unlock --accept-older-state' goes on from the older state.",
        ExitCode.NoSpace => "Free space on the disk that holds the vault and try again.",
        ExitCode.IoError => "Check the disk that holds the vault (the kernel's log tells more).",
        ExitCode.Busy => "End them or leave the directory, or use 'vaultfs lock --force'.",
        ExitCode.DamageFound => "What is damaged stays listed, readable where it is intact, and can be deleted or overwritten. Restore it from a backup.",
        ExitCode.InconsistencyFound => "Nothing that was stored is lost. 'vaultfs check --repair VAULT' mends it, while the vault is locked.",
        ExitCode.SalvageIncomplete => "Everything else was copied. Keep the vault as it is until you have what you need.",
        ExitCode.NotMounted => "'vaultfs list' shows what is unlocked.",
        _ => null,
    };

    /// <summary>Turns a failure of the layers below into one that can be printed; null for what is a bug of ours.</summary>
    public static CliException? Translate(Exception exception) => exception switch
    {
        CliException known => known,
        VaultException vault => Wrap(CodeOf(vault.Failure), vault.Message, vault),
        MountException mount => new CliException(CodeOf(mount.Failure), mount.Message, advice: null, mount),
        OperationCanceledException canceled => new CliException(ExitCode.Cancelled, "Interrupted.", advice: null, canceled),
        KeyDerivationException key => new CliException(CodeOf(key.Failure), key.Message, advice: null, key),
        _ => null,
    };

    /// <summary>Does something with a vault; a failure then names its path, which the layers below do not always know.</summary>
    public static T About<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (VaultException exception) when (!exception.Message.Contains(path, StringComparison.Ordinal))
        {
            throw new VaultException(exception.Failure, $"{path}: {exception.Message}", exception);
        }
    }

    private static CliException Wrap(ExitCode code, string message, Exception inner) => new(code, message, AdviceFor(code), inner);
}
