using Microsoft.Win32.SafeHandles;

namespace Vault.Cli;

/// <summary>Reads a passphrase from a file or an inherited descriptor: its first line.</summary>
internal static class PassphraseInput
{
    public static SecretLine FromFile(string path)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return SecretLine.Read(file, path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.CredentialUnavailable, $"The passphrase file {path} cannot be read: {exception.Message}", null, exception);
        }
    }

    /// <summary>Reads and closes the descriptor, so that no process started later inherits the passphrase.</summary>
    public static SecretLine FromDescriptor(int descriptor)
    {
        try
        {
            using SafeFileHandle file = new(descriptor, ownsHandle: true);
            return SecretLine.Read(file, $"descriptor {descriptor}");
        }
        catch (Exception exception) when (exception is IOException)
        {
            throw new CliException(ExitCode.CredentialUnavailable, $"The passphrase cannot be read from descriptor {descriptor}: {exception.Message}", "--passphrase-fd takes the number of an open descriptor, such as 0 or 3.", exception);
        }
    }
}
