using Vault.Crypto;

namespace Vault.Cli;

/// <summary>Gets the credential that a <see cref="CredentialSource"/> describes. Secrets stay in locked memory.</summary>
internal static class CredentialReader
{
    /// <param name="source">What the command line says.</param>
    /// <param name="vaultPath">Named in the prompt.</param>
    /// <param name="isNew">Whether the passphrase is being chosen: it is then asked for twice.</param>
    /// <exception cref="CliException"><see cref="ExitCode.CredentialUnavailable"/>.</exception>
    public static Credential Read(CredentialSource source, string vaultPath, bool isNew)
    {
        using SecretBuffer? keyfileDigest = source.Keyfile is null ? null : KeyfileDigest.Compute(source.Keyfile);
        if (!source.HasPassphrase)
        {
            return Credential.FromKeyfile(keyfileDigest!.Span);
        }

        using SecretLine passphrase = ReadPassphrase(source, vaultPath, isNew);
        if (passphrase.Bytes.IsEmpty)
        {
            throw new CliException(ExitCode.CredentialUnavailable, "The passphrase is empty.", "A vault needs a passphrase of at least one character, or --keyfile.");
        }

        return keyfileDigest is null
            ? Credential.FromPassphrase(passphrase.Bytes)
            : Credential.FromPassphraseAndKeyfile(passphrase.Bytes, keyfileDigest.Span);
    }

    private static SecretLine ReadPassphrase(CredentialSource source, string vaultPath, bool isNew)
    {
        if (source.PassphraseFile is { } file)
        {
            return PassphraseInput.FromFile(file);
        }

        if (source.PassphraseDescriptor is { } descriptor)
        {
            return PassphraseInput.FromDescriptor(descriptor);
        }

        using Terminal terminal = Terminal.Open();
        SecretLine first = terminal.AskSecret($"{(isNew ? "New passphrase" : "Passphrase")} for {vaultPath}: ");
        if (!isNew || first.Bytes.IsEmpty)
        {
            return first;
        }

        using SecretLine second = terminal.AskSecret("The same again: ");
        if (first.Bytes.SequenceEqual(second.Bytes))
        {
            return first;
        }

        first.Dispose();
        throw new CliException(ExitCode.CredentialUnavailable, "The two passphrases differ.", "Nothing was created. Try again.");
    }
}
