using Vault.Mount.Tests.Kit;
using Xunit;

namespace Vault.Mount.Tests;

/// <summary>The rules of POSIX and Linux (tests/Vault.Posix), one small case each.</summary>
public sealed class PosixTests
{
    private static readonly string Suite = Path.Combine(AppContext.BaseDirectory, "Vault.Posix");

    // Goal: every rule holds in a vault, whoever collects writes.
    // Method: the suite as root in a mount that lets others in, as cases act as several users.
    [Theory]
    [InlineData("true", "--no-holes")]
    [InlineData("false")]
    public void Every_rule_holds_in_a_vault(string writebackCache, params string[] suiteOptions)
    {
        Requires.Fuse();
        Requires.Root();
        using TestVault vault = new();
        vault.Open("--allow-other", "--set", $"WritebackCache={writebackCache}");

        // Opening is refused by flags from the first unlock on after the vault has had any.
        vault.InMount("mkdir d; touch d/f; chattr +i d/f; chattr -i d/f; rm -r d").Succeed();
        vault.LockAndUnlock("--allow-other", "--set", $"WritebackCache={writebackCache}");

        Run(vault.MountPoint, suiteOptions);
    }

    // Goal: the rules are those of Linux: what is expected of a vault is what a local file system does.
    // Method: the suite in a plain directory.
    [Fact]
    public void Every_rule_holds_in_a_plain_directory()
    {
        Requires.Root();
        using TestVault vault = new();

        Run(Directory.CreateDirectory(vault.In("plain")).FullName);
    }

    private static void Run(string directory, params string[] options)
    {
        // Other users must get through to it.
        Shell.Bash($"chmod 755 {directory} {Path.GetDirectoryName(directory)}").Succeed();
        CommandResult result = Shell.Run([Suite, .. options, directory]);
        string failures = string.Join('\n', result.Output.Split('\n').Where(line => !line.StartsWith("ok ", StringComparison.Ordinal)));
        Assert.True(result.ExitCode == 0, $"{failures}\n{result.Error}");
    }
}
