using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Vault.Cli;

/// <summary>A key of the configuration and which values it takes.</summary>
/// <param name="Name">As written; case does not matter.</param>
/// <param name="Expected">The values, in words, for a message.</param>
/// <param name="Accepts">Whether a value is one of them.</param>
internal sealed record SettingKey(string Name, string Expected, Func<string, bool> Accepts)
{
    /// <summary>Every key. <see cref="VaultfsSettings"/> has one property for each.</summary>
    public static IReadOnlyList<SettingKey> All { get; } =
    [
        Switch(nameof(VaultfsSettings.ReadOnly)),
        Switch(nameof(VaultfsSettings.AllowOther)),
        Switch(nameof(VaultfsSettings.WritebackCache)),
        new(nameof(VaultfsSettings.MountOptions), $"a list, separated by commas, of {MountOptionList.Names}", value => MountOptionList.Parse(value, out _) is null),
        Number(nameof(VaultfsSettings.CommitIntervalSeconds), 1, 3600),
        Number(nameof(VaultfsSettings.PageCacheMib), 8, 65536),
        Number(nameof(VaultfsSettings.DirtyDataMib), 4, 65536),
        Number(nameof(VaultfsSettings.Threads), 0, 64),
        new(nameof(VaultfsSettings.LogLevel), "one of " + string.Join(", ", Enum.GetNames<LogLevel>()), IsLogLevel),
    ];

    public static SettingKey? Find(string name) =>
        All.FirstOrDefault(key => key.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static SettingKey Switch(string name) => new(name, "true or false", value => bool.TryParse(value, out _));

    private static SettingKey Number(string name, int minimum, int maximum) => new(
        name,
        $"a whole number from {minimum} to {maximum}",
        value => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= minimum && number <= maximum);

    private static bool IsLogLevel(string value) => Enum.GetNames<LogLevel>().Contains(value, StringComparer.OrdinalIgnoreCase);
}
