using System.CommandLine;

namespace Vault.Cli.Commands;

/// <summary>The options that say how to serve; what is not given comes from the configuration.</summary>
internal sealed class ServingOptions
{
    private readonly Option<bool> _readOnly = new("--read-only") { Description = "Mount read-only; nothing is written to the vault" };

    private readonly Option<bool> _allowOther = new("--allow-other") { Description = "Let other users in, as far as file permissions allow" };

    private readonly Option<string[]> _mountOptions = new("-o", "--options")
    {
        Description = "Mount options as mount(8) has them: " + MountOptionList.Names,
        HelpName = "OPTIONS",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    private readonly Option<bool> _noWritebackCache = new("--no-writeback-cache") { Description = "Hand each write to the server at once instead of collecting them in the kernel" };

    private readonly Option<string[]> _settings = new("--set")
    {
        Description = "Set any key of the configuration; may be repeated",
        HelpName = "KEY=VALUE",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    public void AddTo(Command command)
    {
        _settings.Validators.Add(result =>
        {
            foreach (string text in result.Tokens.Select(token => token.Value).Where(text => text.IndexOf('=') <= 0))
            {
                result.AddError($"--set takes KEY=VALUE, not '{text}'.");
            }
        });
        _mountOptions.Validators.Add(result =>
        {
            foreach (string text in result.Tokens.Select(token => token.Value))
            {
                if (MountOptionList.Parse(text, out _) is { } unknown)
                {
                    result.AddError($"'{unknown}' is no mount option. There are: {MountOptionList.Names}.");
                }
            }
        });
        command.Options.Add(_readOnly);
        command.Options.Add(_allowOther);
        command.Options.Add(_mountOptions);
        command.Options.Add(_noWritebackCache);
        command.Options.Add(_settings);
    }

    public VaultfsSettings Read(ParseResult result)
    {
        List<KeyValuePair<string, string>> overrides = [.. result.GetValue(_settings)!.Select(Split)];
        AddIfGiven(_readOnly, nameof(VaultfsSettings.ReadOnly), given => given);
        AddIfGiven(_allowOther, nameof(VaultfsSettings.AllowOther), given => given);
        AddIfGiven(_noWritebackCache, nameof(VaultfsSettings.WritebackCache), given => !given);
        if (result.GetValue(_mountOptions) is { Length: > 0 } lists)
        {
            overrides.Add(new(nameof(VaultfsSettings.MountOptions), string.Join(',', lists.Where(list => list.Length > 0))));
        }

        return SettingsLoader.Load(overrides);

        void AddIfGiven(Option<bool> option, string key, Func<bool, bool> value)
        {
            if (result.GetResult(option) is { Implicit: false })
            {
                overrides.Add(new(key, value(result.GetValue(option)) ? "true" : "false"));
            }
        }
    }

    private static KeyValuePair<string, string> Split(string text)
    {
        int separator = text.IndexOf('=');
        return new(text[..separator], text[(separator + 1)..]);
    }
}
