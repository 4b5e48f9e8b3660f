using Vault.Cli.Interop;
using Vault.Crypto;
using Vault.Storage;

namespace Vault.Cli.Commands;

/// <summary>Makes the file of a new vault. A failure leaves no file behind.</summary>
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
    public static void Create(string path, HeaderOptions options, Credential credential)
    {
        using FileMedium medium = FileMedium.Create(path);
        try
        {
            VaultContainer.Create(medium, options, credential, Libc.geteuid(), Libc.getegid(), RandomSource.System, Clock.System);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }
}
