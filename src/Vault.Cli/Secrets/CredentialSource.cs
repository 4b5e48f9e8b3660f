namespace Vault.Cli;

/// <summary>Where the command line says that passphrase and keyfile come from.</summary>
/// <param name="PassphraseFile">A file whose first line is the passphrase, or null.</param>
/// <param name="PassphraseDescriptor">An inherited descriptor whose first line is the passphrase, or null.</param>
/// <param name="Keyfile">A file whose whole content is a key, or null.</param>
/// <param name="AskPassphrase">Ask for a passphrase in addition to the keyfile.</param>
internal sealed record CredentialSource(string? PassphraseFile, int? PassphraseDescriptor, string? Keyfile, bool AskPassphrase)
{
    /// <summary>Whether a person is asked at the terminal.</summary>
    public bool Prompts =>
        PassphraseFile is null && PassphraseDescriptor is null && (AskPassphrase || Keyfile is null);

    /// <summary>Whether a passphrase is part of the credential.</summary>
    public bool HasPassphrase => Prompts || PassphraseFile is not null || PassphraseDescriptor is not null;
}
