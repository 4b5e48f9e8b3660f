using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Vault.Cli;

/// <summary>
/// Reads the settings: <c>/etc/vaultfs/config.json</c>, the user's <c>config.json</c>, <c>VAULTFS_*</c> variables, the
/// command line; a later one wins. A mistake in any of them is an error that names where it is.
/// </summary>
internal static class SettingsLoader
{
    private const string EnvironmentPrefix = "VAULTFS_";

    /// <param name="overrides">Keys and values from the command line.</param>
    /// <exception cref="CliException"><see cref="ExitCode.Configuration"/>.</exception>
    public static VaultfsSettings Load(IEnumerable<KeyValuePair<string, string>> overrides) =>
        Load(["/etc/vaultfs/config.json", UserDirectories.ConfigurationFile()], overrides);

    internal static VaultfsSettings Load(IEnumerable<string?> files, IEnumerable<KeyValuePair<string, string>> overrides)
    {
        ConfigurationBuilder builder = new();
        foreach (string file in files.OfType<string>())
        {
            Add(builder, file, source => source.AddJsonFile(file, optional: true, reloadOnChange: false));
        }

        Add(builder, "the environment", source => source.AddEnvironmentVariables(EnvironmentPrefix), EnvironmentPrefix);
        Add(builder, "the command line", source => source.AddCommandLine([.. overrides.Select(pair => $"--{pair.Key}={pair.Value}")]));
        VaultfsSettings settings = builder.Build().Get<VaultfsSettings>() ?? new VaultfsSettings();
        _ = MountOptionList.Parse(settings.MountOptions, out MountOptionList options);
        return options.ApplyTo(settings);
    }

    /// <summary>Adds one source after every key and value of it was checked, so that a message can name it.</summary>
    private static void Add(ConfigurationBuilder builder, string sourceName, Action<IConfigurationBuilder> add, string keyPrefix = "")
    {
        ConfigurationBuilder single = new();
        add(single);
        foreach (KeyValuePair<string, string?> pair in Read(single, sourceName))
        {
            Check(pair, sourceName, keyPrefix);
        }

        add(builder);
    }

    private static IEnumerable<KeyValuePair<string, string?>> Read(ConfigurationBuilder single, string sourceName)
    {
        try
        {
            return single.Build().AsEnumerable();
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException or JsonException or IOException or UnauthorizedAccessException)
        {
            string detail = (exception.InnerException ?? exception).Message;
            throw new CliException(ExitCode.Configuration, $"The configuration in {sourceName} cannot be read: {detail}", "It must be one JSON object, such as { \"AllowOther\": true }.", exception);
        }
    }

    private static void Check(KeyValuePair<string, string?> pair, string sourceName, string keyPrefix)
    {
        string shownKey = keyPrefix + pair.Key;
        SettingKey key = SettingKey.Find(pair.Key) ?? throw new CliException(
            ExitCode.Configuration,
            $"Unknown setting {shownKey} in {sourceName}.",
            "Known settings: " + string.Join(", ", SettingKey.All.Select(known => known.Name)) + ".");
        if (!key.Accepts(pair.Value ?? ""))
        {
            throw new CliException(ExitCode.Configuration, $"Setting {shownKey} in {sourceName} has the value '{pair.Value}'.", $"It must be {key.Expected}.");
        }
    }
}
