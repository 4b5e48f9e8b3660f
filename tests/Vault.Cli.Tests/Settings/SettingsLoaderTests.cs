using Microsoft.Extensions.Logging;
using Xunit;

namespace Vault.Cli.Tests.Settings;

/// <summary>These set process-wide environment variables; a collection runs its tests one after the other.</summary>
[Collection("Environment")]
public sealed class SettingsLoaderTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<string> _variables = [];

    public void Dispose()
    {
        foreach (string variable in _variables)
        {
            Environment.SetEnvironmentVariable(variable, null);
        }

        _directory.Dispose();
    }

    // Goal: without any configuration the defaults of VaultfsSettings hold.
    // Method: load from files that do not exist.
    [Fact]
    public void Defaults_hold_without_configuration() =>
        Assert.Equal(new VaultfsSettings(), SettingsLoader.Load([_directory.File("none.json"), null], []));

    // Goal: system file, user file, environment, command line: a later one wins.
    // Method: one key is set in all of them, and one less each time.
    [Fact]
    public void A_later_source_wins()
    {
        string[] files =
        [
            _directory.Write("system.json", """{ "Threads": 1, "PageCacheMib": 10, "DirtyDataMib": 10, "CommitIntervalSeconds": 10 }"""),
            _directory.Write("user.json", """{ "Threads": 2, "PageCacheMib": 20, "DirtyDataMib": 20 }"""),
        ];
        SetVariable("VAULTFS_THREADS", "3");
        SetVariable("VAULTFS_PageCacheMib", "30");

        VaultfsSettings settings = SettingsLoader.Load(files, [new("threads", "4")]);

        Assert.Equal((4, 30, 20, 10), (settings.Threads, settings.PageCacheMib, settings.DirtyDataMib, settings.CommitIntervalSeconds));
    }

    // Goal: every key reaches its property.
    // Method: a file that sets all keys to other values than the defaults.
    [Fact]
    public void Every_key_is_bound()
    {
        string file = _directory.Write("all.json", """
            {
              "ReadOnly": true, "AllowOther": true, "WritebackCache": false, "CommitIntervalSeconds": 7,
              "PageCacheMib": 99, "DirtyDataMib": 77, "Threads": 3, "LogLevel": "Debug", "MountOptions": "noatime,fsname=a"
            }
            """);

        Assert.Equal(
            new VaultfsSettings
            {
                ReadOnly = true,
                AllowOther = true,
                WritebackCache = false,
                CommitIntervalSeconds = 7,
                PageCacheMib = 99,
                DirtyDataMib = 77,
                Threads = 3,
                LogLevel = LogLevel.Debug,
                MountOptions = "noatime,fsname=a",
            },
            SettingsLoader.Load([file], []));
        Assert.Equal(typeof(VaultfsSettings).GetProperties().Select(property => property.Name).Where(name => name != "EqualityContract").Order(), SettingKey.All.Select(key => key.Name).Order());
    }

    // Goal: a mistake is reported with the place and the key, never ignored.
    // Method: one defect each.
    [Theory]
    [InlineData("""{ "AllowOthers": true }""", "AllowOthers")]
    [InlineData("""{ "AllowOther": "perhaps" }""", "AllowOther")]
    [InlineData("""{ "AllowOther": { "Deep": true } }""", "AllowOther")]
    [InlineData("""{ "MountOptions": "ro,loud" }""", "MountOptions")]
    [InlineData("""{ "Threads": 65 }""", "Threads")]
    [InlineData("""{ "Threads": -1 }""", "Threads")]
    [InlineData("""{ "CommitIntervalSeconds": 0 }""", "CommitIntervalSeconds")]
    [InlineData("""{ "LogLevel": "Loud" }""", "LogLevel")]
    [InlineData("""{ "LogLevel": "3" }""", "LogLevel")]
    [InlineData("""{ "Threads": 1""", "cannot be read")]
    [InlineData("""[ 1 ]""", "cannot be read")]
    public void A_mistake_in_a_file_names_file_and_key(string json, string named)
    {
        string file = _directory.Write("config.json", json);

        CliException failure = Assert.Throws<CliException>(() => SettingsLoader.Load([file], []));

        Assert.Equal(ExitCode.Configuration, failure.ExitCode);
        Assert.Contains(file, failure.Message, StringComparison.Ordinal);
        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
    }

    // Goal: the same for variables and the command line.
    // Method: one defect each.
    [Fact]
    public void A_mistake_elsewhere_names_its_place()
    {
        CliException onCommandLine = Assert.Throws<CliException>(() => SettingsLoader.Load([], [new("Threads", "many")]));
        SetVariable("VAULTFS_Colour", "red");
        CliException inEnvironment = Assert.Throws<CliException>(() => SettingsLoader.Load([], []));

        Assert.Contains("the command line", onCommandLine.Message, StringComparison.Ordinal);
        Assert.Contains("VAULTFS_Colour in the environment", inEnvironment.Message, StringComparison.Ordinal);
    }

    private void SetVariable(string name, string value)
    {
        _variables.Add(name);
        Environment.SetEnvironmentVariable(name, value);
    }
}
