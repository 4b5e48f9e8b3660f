using System.CommandLine;
using System.Globalization;
using System.Text;
using Vault.Cli.Commands;
using Vault.Testing.Fuzzing;

namespace Vault.Cli.Tests.Fuzzing;

/// <summary>The three places where settings come from: settings within their bounds, or an error that says so.</summary>
[Collection("Environment")]
public sealed class SettingsFuzzTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    [Trait("fuzz", "configuration-file")]
    public void Files() => Run("configuration-file", [
        """{ "ReadOnly": true, "AllowOther": "false", "WritebackCache": false, "CommitIntervalSeconds": 7, "LogLevel": "Debug" }""",
        """{ "PageCacheMib": 99, "DirtyDataMib": "77", "Threads": 3 /* none */ }""",
    ], input =>
    {
        File.WriteAllBytes(_directory.File("config.json"), input);
        return SettingsLoader.Load([_directory.File("config.json")], []);
    });

    [Fact]
    [Trait("fuzz", "environment")]
    public void Variables() => Run("environment", ["READONLY=true\nThreads=4\nLogLevel=Warning\n", "PAGECACHEMIB=64\nDirtyDataMib=32\nAllowOther=False\n"], input =>
    {
        List<string> names = [];
        foreach ((string name, string value) in Pairs(input))
        {
            names.Add("VAULTFS_" + name);
            Environment.SetEnvironmentVariable("VAULTFS_" + name, value);
        }

        try
        {
            return SettingsLoader.Load([], []);
        }
        finally
        {
            names.ForEach(name => Environment.SetEnvironmentVariable(name, null));
        }
    });

    [Fact]
    [Trait("fuzz", "set-option")]
    public void Options() => Run("set-option", ["--set\nThreads=4\n--set\nReadOnly=true\n--read-only", "--set=PageCacheMib=64\n--allow-other\n--no-writeback-cache"], input =>
    {
        Command command = new("unlock");
        ServingOptions options = new();
        options.AddTo(command);
        ParseResult result = command.Parse(Lines(input), new ParserConfiguration { ResponseFileTokenReplacer = null }); // as VaultfsCommandLine
        return result.Errors.Count > 0 ? null : options.Read(result);
    });

    private void Run(string target, string[] seeds, Func<byte[], VaultfsSettings?> load) => new Fuzzer(target, input => Load(load, input), output.WriteLine)
    {
        Seeds = [.. seeds.Select(Encoding.UTF8.GetBytes)],
    }.Run();

    private static string Load(Func<byte[], VaultfsSettings?> load, byte[] input)
    {
        try
        {
            if (load(input) is not { } settings)
                return "refused";
            AssertWithinBounds(settings);
            return settings == new VaultfsSettings() ? "defaults" : "settings";
        }
        catch (CliException e)
        {
            Assert.Equal(ExitCode.Configuration, e.ExitCode);
            return e.Message[..Math.Min(e.Message.Length, 8)];
        }
    }

    private static void AssertWithinBounds(VaultfsSettings settings)
    {
        foreach (SettingKey key in SettingKey.All)
        {
            object value = typeof(VaultfsSettings).GetProperty(key.Name)!.GetValue(settings)!;
            Assert.True(key.Accepts(Convert.ToString(value, CultureInfo.InvariantCulture)!), key.Name);
        }
    }

    // What an argument or a variable can hold: no NUL.
    private static string[] Lines(byte[] input) => Encoding.UTF8.GetString(input).Replace("\0", "", StringComparison.Ordinal).Split('\n');

    private static IEnumerable<(string Name, string Value)> Pairs(byte[] input) =>
        from line in Lines(input)
        let separator = line.IndexOf('=')
        where separator > 0
        select (line[..separator], line[(separator + 1)..]);
}
