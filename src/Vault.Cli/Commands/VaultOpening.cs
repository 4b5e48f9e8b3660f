using Vault.Crypto;
using Vault.Storage;

namespace Vault.Cli.Commands;

/// <summary>Finds the master key of a vault: reads the header, then tries the credential on it.</summary>
internal static class VaultOpening
{
    /// <summary>How often a person may mistype.</summary>
    private const int PromptAttempts = 3;

    /// <summary>
    /// Reads the header under the lock that the server will need, so that a vault in use shows before anything is
    /// asked. The lock is not kept: nobody should find the vault in use by a prompt.
    /// </summary>
    /// <param name="path">The container.</param>
    /// <param name="readOnly">Whether it will be served read-only.</param>
    /// <param name="warn">Told of a damaged copy.</param>
    /// <exception cref="VaultException">The vault cannot be used.</exception>
    public static UnverifiedHeader ReadHeader(string path, bool readOnly, Action<string> warn)
    {
        using FileMedium medium = OpenMedium(path, readOnly, warn);
        HeaderReading reading = FailureMap.About(path, () => VaultContainer.ReadHeader(medium));
        if (HeaderCopies.Damage(reading) is { } damage)
        {
            warn($"{path}: {damage} The other copy is used; make a backup.");
        }

        return reading.Header ?? throw new CliException(ExitCode.HeaderDamaged, $"Neither copy of the header of {path} can be used.", FailureMap.AdviceFor(ExitCode.HeaderDamaged));
    }

    /// <summary>Opens; where a server of this user has the vault, says where it is mounted.</summary>
    private static FileMedium OpenMedium(string path, bool readOnly, Action<string> warn)
    {
        try
        {
            return FileMedium.Open(path, readOnly);
        }
        catch (VaultException exception) when (exception.Failure == VaultFailure.InUse)
        {
            ServerStatus? server = RunningServers.Find(warn).Select(running => running.Status).FirstOrDefault(status => status.Vault == path);
            throw server is null
                ? exception
                : new CliException(ExitCode.InUse, $"{path} is unlocked already, at {server.MountPoint} by server process {server.Pid}.", FailureMap.AdviceFor(ExitCode.InUse), exception);
        }
    }

    /// <summary>Gets the credential and tries it; a person at a terminal may try again.</summary>
    /// <returns>The master key, which the caller disposes of.</returns>
    /// <exception cref="CliException">The credential cannot be read, or opens nothing.</exception>
    public static MasterKey AskAndUnlock(UnverifiedHeader header, CredentialSource source, string path, Action<string> warn)
    {
        for (int attempt = 1; ; attempt++)
        {
            using Credential credential = CredentialReader.Read(source, path, isNew: false);
            if (TryUnlock(header, credential, path) is { } master)
            {
                return master;
            }

            CliException failure = Failure(UnlockOutcome.WrongCredential, credential.Kind, path);
            if (!source.Prompts || attempt == PromptAttempts)
            {
                throw failure;
            }

            warn(failure.Message);
        }
    }

    /// <summary>One attempt, at the cost that the vault's key slots say.</summary>
    /// <returns>The master key, which the caller disposes of; null if the credential is wrong.</returns>
    /// <exception cref="CliException">No other credential of this kind would open the vault either.</exception>
    public static MasterKey? TryUnlock(UnverifiedHeader header, Credential credential, string path)
    {
        UnlockOutcome outcome = header.TryUnlock(credential, out MasterKey? master);
        return outcome switch
        {
            UnlockOutcome.Unlocked => master,
            UnlockOutcome.WrongCredential => null,
            _ => throw Failure(outcome, credential.Kind, path),
        };
    }

    /// <summary>The failure to report for an outcome other than success.</summary>
    public static CliException Failure(UnlockOutcome outcome, KeySlotKind kind, string path)
    {
        ExitCode code = FailureMap.CodeOf(outcome);
        string message = outcome switch
        {
            UnlockOutcome.WrongCredential => $"Wrong {HeaderCopies.NameOf(kind)} for {path}.",
            UnlockOutcome.NoSlotOfKind => $"{path} has no key slot that {HeaderCopies.NameOf(kind)} alone could open.",
            UnlockOutcome.SlotDamaged => $"The {HeaderCopies.NameOf(kind)} for {path} is right, but its key slot is damaged.",
            _ => $"The header of {path} was changed by somebody who does not have its key.",
        };
        return new CliException(code, message, FailureMap.AdviceFor(code));
    }
}
