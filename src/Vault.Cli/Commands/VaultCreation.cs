using Vault.Cli.Interop;
using Vault.Crypto;
using Vault.Storage;

namespace Vault.Cli.Commands;

/// <summary>Makes the file of a new vault. A failure or a signal leaves no file behind.</summary>
internal static class VaultCreation
{
    /// <summary>Fails early, before anything is asked, where a vault can clearly not be made.</summary>
    /// <exception cref="CliException">The path exists, or its directory does not.</exception>
    public static void CheckPath(string path)
    {
        if (Path.Exists(path))
        {
            throw new CliException(ExitCode.AlreadyExists, $"{path} exists already.", FailureMap.AdviceFor(ExitCode.AlreadyExists));
        }

        if (Path.GetDirectoryName(path) is { } directory && !Directory.Exists(directory))
        {
            throw new CliException(ExitCode.NotFound, $"The directory {directory} does not exist.", "Create it first.");
        }
    }

    /// <exception cref="VaultException">The host has no space, refuses or fails.</exception>
    /// <exception cref="CliException">A signal came before the file was there.</exception>
    public static void Create(string path, HeaderOptions options, Credential credential)
    {
        using UnfinishedFile file = new(path);
        using FileMedium medium = FileMedium.Create(path);
        file.Appeared();
        VaultContainer.Create(medium, options, credential, Libc.geteuid(), Libc.getegid(), RandomSource.System, Clock.System);
        file.Complete();
    }
}
