using System.CommandLine;

namespace Vault.Cli.Commands;

/// <summary>The options that say where passphrase and keyfile come from; the same for every command that needs them.</summary>
internal sealed class CredentialOptions
{
    private readonly Option<string?> _passphraseFile = new("--passphrase-file")
    {
        Description = "Read the passphrase from the first line of FILE",
        HelpName = "FILE",
    };

    private readonly Option<int?> _passphraseDescriptor = new("--passphrase-fd")
    {
        Description = "Read the passphrase from the first line of the open descriptor N (0 is standard input)",
        HelpName = "N",
    };

    private readonly Option<string?> _keyfile = new("--keyfile")
    {
        Description = "Use FILE as key: alone, or together with a passphrase (then both are needed)",
        HelpName = "FILE",
    };

    private readonly Option<bool> _askPassphrase = new("--ask-passphrase")
    {
        Description = "With --keyfile: ask for a passphrase as well",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_passphraseFile);
        command.Options.Add(_passphraseDescriptor);
        command.Options.Add(_keyfile);
        command.Options.Add(_askPassphrase);
        command.Validators.Add(result =>
        {
            bool[] sources =
            [
                result.GetResult(_passphraseFile) is not null,
                result.GetResult(_passphraseDescriptor) is not null,
                result.GetResult(_askPassphrase) is not null,
            ];
            if (sources.Count(given => given) > 1)
            {
                result.AddError("Give only one of --passphrase-file, --passphrase-fd and --ask-passphrase.");
            }
        });
    }

    public CredentialSource Read(ParseResult result) => new(
        result.GetValue(_passphraseFile), result.GetValue(_passphraseDescriptor), result.GetValue(_keyfile), result.GetValue(_askPassphrase));
}
