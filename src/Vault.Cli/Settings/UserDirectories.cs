namespace Vault.Cli;

/// <summary>Places in the user's home, by the XDG base directory specification.</summary>
internal static class UserDirectories
{
    /// <returns>Null if the user has no home.</returns>
    public static string? ConfigurationFile() => Under("XDG_CONFIG_HOME", ".config", "vaultfs/config.json");

    /// <summary>Where logs go.</summary>
    /// <returns>Null if the user has no home.</returns>
    public static string? StateDirectory() => Under("XDG_STATE_HOME", ".local/state", "vaultfs");

    private static string? Under(string variable, string fallbackUnderHome, string name)
    {
        // The specification: a relative path in one of these variables is invalid and to be ignored.
        if (Environment.GetEnvironmentVariable(variable) is { } path && Path.IsPathRooted(path))
        {
            return Path.Combine(path, name);
        }

        return Environment.GetEnvironmentVariable("HOME") is { } home && Path.IsPathRooted(home)
            ? Path.Combine(home, fallbackUnderHome, name)
            : null;
    }
}
